/**
 * Where Holdfast keeps what is expensive to make and the same for every checkout: the k6 build, a
 * Go toolchain, its own sources as Node compiled them. `$XDG_CACHE_HOME/holdfast`, or
 * `~/.cache/holdfast`. Deleting it costs time only.
 */
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { HoldfastError } from '../errors.ts';

export const cacheDirectory = (): string =>
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'holdfast');

/** Makes a folder inside the cache, with its parents. */
export async function makeCacheFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw new HoldfastError({
      code: 'cache-not-writable',
      message: `The cache folder ${folder} could not be made: ${cause instanceof Error ? cause.message : String(cause)}`,
      remedy: 'Set XDG_CACHE_HOME to a folder that you may write to, and start again.',
      cause,
    });
  }
}
