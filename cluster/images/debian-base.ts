/**
 * The distribution below every image: Debian 13. Pulled where an image
 * registry answers; where none does, bootstrapped from Debian's own mirror and
 * imported, which needs root and `debootstrap` and takes half a minute.
 *
 * Debian 13 and not 12, because uWebSockets.js needs glibc 2.38, and because
 * it carries PostgreSQL 17, Patroni 4 and HAProxy 3.0.
 */
import { execa } from 'execa';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '../errors.ts';
import { cacheDirectory } from '../machine/cache.ts';
import { imageExists, type Log, runCommand } from './docker-command.ts';

export const DEBIAN_IMAGE = 'holdfast/debian:trixie';
const PULLED_IMAGE = 'debian:trixie-slim';

/** 30 MB; a registry that needs longer is slower than the bootstrap. */
const PULL_TIMEOUT_MS = 60_000;
/** 25 s where it was measured; ten minutes allow for a slow mirror. */
const BOOTSTRAP_TIMEOUT_MS = 600_000;

const pullDebian = async (log: Log, signal: AbortSignal | undefined): Promise<boolean> => {
  try {
    await runCommand('docker', ['pull', PULLED_IMAGE], {
      task: `pulling ${PULLED_IMAGE}`,
      log,
      signal,
      timeoutMs: PULL_TIMEOUT_MS,
      isProgress: (line) => line.startsWith('Status:'),
    });
    await execa('docker', ['tag', PULLED_IMAGE, DEBIAN_IMAGE]);
    return true;
  } catch {
    signal?.throwIfAborted();
    return false;
  }
};

const bootstrapDebian = async (log: Log, signal: AbortSignal | undefined): Promise<void> => {
  if (process.getuid?.() !== 0) {
    throw new HoldfastError({
      code: 'no-base-image',
      message: `No image registry answered within ${PULL_TIMEOUT_MS / 1000} s for ${PULLED_IMAGE}, and bootstrapping Debian instead needs root.`,
      remedy: `Load the image by hand (docker load), tag it ${DEBIAN_IMAGE}, or run this once as root.`,
    });
  }
  const root = join(cacheDirectory(), 'building-debian');
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { recursive: true });
  try {
    await runCommand('debootstrap', ['--variant=minbase', 'trixie', root], {
      task: 'bootstrapping Debian 13',
      log,
      signal,
      timeoutMs: BOOTSTRAP_TIMEOUT_MS,
      isProgress: (line) =>
        /^I: (Retrieving (InRelease|Packages)|Installing|Base system)/.test(line),
    });
    log('importing Debian 13 into Docker');
    await execa(
      'tar',
      [
        '-C',
        root,
        '-c',
        '--exclude=./var/cache/apt/archives/*.deb',
        '--exclude=./var/lib/apt/lists/*',
        '.',
      ],
      {
        buffer: false,
      },
    ).pipe('docker', ['import', '-', DEBIAN_IMAGE]);
  } catch (cause) {
    signal?.throwIfAborted();
    throw new HoldfastError({
      code: 'no-base-image',
      message: `No image registry answered for ${PULLED_IMAGE}, and bootstrapping Debian failed: ${cause instanceof Error ? cause.message : String(cause)}`,
      remedy:
        'apt-get install debootstrap, check that the Debian mirror is reachable, and start again.',
      cause,
    });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
};

/** To be called by one at a time (`ensure-image.ts` sees to it). */
export const ensureDebian = async (log: Log, signal?: AbortSignal): Promise<string> => {
  if (await imageExists(DEBIAN_IMAGE)) return DEBIAN_IMAGE;
  if (!(await pullDebian(log, signal))) await bootstrapDebian(log, signal);
  return DEBIAN_IMAGE;
};
