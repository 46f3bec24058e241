/** Bytes of the files of a folder, by what they hold, not by the blocks they take. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** `named`: only of files whose name it matches. */
export const bytesIn = (folder: string, named = /./): number =>
  readdirSync(folder)
    .filter((name) => named.test(name))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
