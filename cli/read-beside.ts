/** Reads the sweep that is to stand beside a new one, from its directory. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '../cluster/errors.ts';
import { besideSchema, type Beside } from '../reports/capacity/beside.ts';
import { capacityFiles } from '../reports/capacity/write.ts';

export async function readBeside(directory: string): Promise<Beside> {
  try {
    return besideSchema.parse(
      JSON.parse(await readFile(join(directory, capacityFiles.json), 'utf8')),
    );
  } catch (cause) {
    throw new HoldfastError({
      code: 'no-sweep',
      message: `${directory} holds no sweep: it has no ${capacityFiles.json} that can be read`,
      remedy: 'name the directory of a sweep, as printed at its end: runs/…-capacity',
      exitCode: 64,
      cause,
    });
  }
}
