/**
 * Which k6 a run uses: `K6_BIN`, else `k6` on the PATH, where it is new enough and holds the module
 * that the scenarios open their sockets with (`k6-build/sockets/`); else the build in the cache, else
 * that build is made, once.
 *
 * `K6_BIN` is an order, not a hint: if it is too old or does not run, that is an error rather than
 * a silent fall-back to another k6. k6 is mounted into containers, so it has to be a Linux binary;
 * our build is static.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HoldfastError } from '../errors.ts';
import { cacheDirectory } from './cache.ts';
import type { Log } from './check.ts';
import { findProgram, isExecutable, lastLines, runCommand } from './command.ts';
import { buildK6, K6_MODULE } from './k6-builder.ts';
import { formatVersion, isAtLeast, parseVersion, type Version } from './version.ts';

/** The version that is built, as `k6-build/go.mod` requires it. */
export const K6_VERSION = '2.2.0';
/** The scripts use the module layout and `k6/websockets` of k6 2. */
export const K6_MAJOR_MIN = 2;
/** As `k6 version` names it, and in what the scripts rely on: another number is another behaviour. */
export const SOCKETS_MODULE = 'k6/x/sockets/v2';

export interface K6 {
  readonly path: string;
  readonly version: Version;
  readonly source: 'K6_BIN' | 'PATH' | 'cache';
  /** Everything `k6 version` printed, the extensions included. */
  readonly banner: string;
}

/** A build of other sources is another k6. */
export const cachedK6 = (): string =>
  join(cacheDirectory(), 'k6', `${K6_VERSION}-${sourcesHash()}`, 'k6');

function sourcesHash(): string {
  const hash = createHash('sha256');
  const files = readdirSync(K6_MODULE, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  for (const file of files) {
    hash
      .update(`${file.slice(K6_MODULE.length)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex').slice(0, 12);
}

/** The k6 that would be used, without building one. Throws if `K6_BIN` is set and unusable. */
export async function findK6(signal: AbortSignal): Promise<K6 | undefined> {
  const ordered = process.env['K6_BIN'];
  if (ordered !== undefined && ordered !== '') return orderedK6(ordered, signal);
  const onPath = await findProgram('k6');
  for (const [path, source] of [
    [onPath, 'PATH'],
    [cachedK6(), 'cache'],
  ] as const) {
    if (path === undefined || !(await isExecutable(path))) continue;
    const k6 = await inspectK6(path, source, signal);
    if (typeof k6 !== 'string') return k6;
  }
  return undefined;
}

/** Path of a k6 that is new enough; builds it where there is none (about two minutes, once). */
export async function resolveK6(log: Log, signal: AbortSignal): Promise<string> {
  const there = await findK6(signal);
  if (there !== undefined) return there.path;
  await buildK6(cachedK6(), K6_VERSION, log, signal);
  const built = await inspectK6(cachedK6(), 'cache', signal);
  if (typeof built === 'string') {
    throw new HoldfastError({
      code: 'k6-unusable',
      message: `The k6 that was just built at ${cachedK6()} is not usable: ${built}`,
      remedy: `Delete ${cachedK6()} and start again.`,
    });
  }
  return built.path;
}

async function orderedK6(path: string, signal: AbortSignal): Promise<K6> {
  const k6 = await inspectK6(path, 'K6_BIN', signal);
  if (typeof k6 !== 'string') return k6;
  throw new HoldfastError({
    code: 'k6-unusable',
    message: `K6_BIN is ${path}, and that is not usable: ${k6}`,
    remedy: `Unset K6_BIN, then one is built from ${K6_MODULE}; what else it is to hold is imported in main.go there.`,
  });
}

/** What is at that path, or why it cannot be used. */
async function inspectK6(
  path: string,
  source: K6['source'],
  signal: AbortSignal,
): Promise<K6 | string> {
  const outcome = await runCommand(path, ['version'], { signal, timeoutMs: 10_000 });
  if (outcome.kind !== 'ended' || outcome.exitCode !== 0) {
    return `\`${path} version\` gave ${lastLines(outcome, 3)}`;
  }
  const version = parseVersion(outcome.stdout);
  if (version === undefined) return `\`${path} version\` printed no version`;
  if (!isAtLeast(version, K6_MAJOR_MIN)) {
    return `it is version ${formatVersion(version)}, and ${K6_MAJOR_MIN}.0 or newer is needed`;
  }
  if (!outcome.stdout.includes(SOCKETS_MODULE)) {
    return `it is ${formatVersion(version)} without ${SOCKETS_MODULE}, which the scenarios open their sockets with`;
  }
  return { path, version, source, banner: outcome.stdout };
}
