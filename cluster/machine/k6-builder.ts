/**
 * Builds k6 from its makers' sources: the Go module in `k6-build/`, whose go.sum locks every
 * dependency. No cgo, so the binary is static and runs in any Linux container.
 *
 * Measured: 40 s to 110 s on two cores, depending on what Go has cached; about 46 MB. It is built
 * beside its place and renamed into it, so a build that is interrupted leaves nothing usable behind.
 */
import { rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HoldfastError } from '../errors.ts';
import { makeCacheFolder } from './cache.ts';
import type { Log } from './check.ts';
import { isExecutable, lastLines, runCommand } from './command.ts';
import { exclusively } from './exclusive.ts';
import { resolveGo } from './go.ts';
import { formatVersion } from './version.ts';

export const K6_MODULE = fileURLToPath(new URL('k6-build/', import.meta.url));

/** Ten times what it took here: a slow machine with a slow module proxy still gets there. */
const BUILD_TIMEOUT_MS = 1_100_000;

export function buildK6(
  target: string,
  version: string,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  return exclusively('the k6 build', { log, signal }, async () => {
    // Whoever held the lock before us may have built it.
    if (await isExecutable(target)) return;
    const go = await resolveGo(log, signal);
    const incoming = `${target}.incoming-${process.pid}`;
    await makeCacheFolder(dirname(target));
    log(`building k6 ${version} with Go ${formatVersion(go.version)} (once, about two minutes)`);
    const startedMs = performance.now();
    try {
      const build = await runCommand(
        go.path,
        // Not stamped with our repository's state, which git may refuse to tell another user.
        [
          'build',
          '-trimpath',
          '-buildvcs=false',
          '-mod=readonly',
          '-ldflags',
          '-s -w',
          '-o',
          incoming,
          '.',
        ],
        {
          signal,
          timeoutMs: BUILD_TIMEOUT_MS,
          cwd: K6_MODULE,
          environment: { CGO_ENABLED: '0', GOOS: 'linux', GOTOOLCHAIN: 'local', GOWORK: 'off' },
        },
      );
      if (build.kind !== 'ended' || build.exitCode !== 0)
        throw buildFailed(version, lastLines(build));
      await rename(incoming, target);
    } finally {
      await rm(incoming, { force: true });
    }
    log(
      `built k6 ${version} in ${Math.round((performance.now() - startedMs) / 1000)} s: ${target}`,
    );
  });
}

const buildFailed = (version: string, seen: string): HoldfastError =>
  new HoldfastError({
    code: 'k6-build-failed',
    message: `k6 ${version} could not be built from ${K6_MODULE}: ${seen}`,
    remedy: 'If modules could not be fetched, check the network or GOPROXY and start again.',
  });
