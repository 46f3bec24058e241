/**
 * Where Holdfast keeps what is expensive to make and the same for every checkout: the k6 build, a
 * Go toolchain. `$XDG_CACHE_HOME/holdfast`, or `~/.cache/holdfast`. Deleting it costs time only.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';

export const cacheDirectory = (): string =>
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'holdfast');
