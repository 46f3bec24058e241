/**
 * Installs packages on Debian and Ubuntu, where we are root; anywhere else it refuses with the
 * command to type. Package lists are fetched once a process, and only if something is missing.
 */
import { HoldfastError } from '../errors.ts';
import type { Log } from './check.ts';
import { findProgram, lastLines, runCommand, type CommandOutcome } from './command.ts';

const UPDATE_TIMEOUT_MS = 180_000;
/** Docker's engine with what it needs is about 300 MB unpacked; slow disks and mirrors counted. */
const INSTALL_TIMEOUT_MS = 600_000;
/** Another package manager (unattended upgrades after boot) may hold the lock for a while. */
const LOCK_TIMEOUT_OPTION = 'DPkg::Lock::Timeout=180';

const ENVIRONMENT = { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l' };

let updated = false;

/** The commands a person types for the same effect. */
export const aptCommands = (packages: readonly string[]): readonly string[] => [
  'sudo apt-get update',
  `sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`,
];

export const mayInstallPackages = async (): Promise<boolean> =>
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  (await findProgram('apt-get')) !== undefined;

/** `packages` must be there; of `ifKnown`, those that this release of the distribution has. */
export async function aptInstall(
  packages: readonly string[],
  log: Log,
  signal: AbortSignal,
  ifKnown: readonly string[] = [],
): Promise<void> {
  if (!(await mayInstallPackages())) {
    throw new HoldfastError({
      code: 'may-not-install',
      message: `${packages.join(', ')} cannot be installed by this program: that takes root on Debian or Ubuntu.`,
      remedy: aptCommands(packages).join('\n'),
    });
  }
  // A set-up that was killed in the middle of an installation is finished first; a no-op otherwise.
  await runCommand('dpkg', ['--configure', '-a'], {
    signal,
    timeoutMs: INSTALL_TIMEOUT_MS,
    environment: ENVIRONMENT,
  });
  if (!updated) {
    log('fetching the package lists (apt-get update)');
    const update = await aptGet(['update'], UPDATE_TIMEOUT_MS, signal);
    // Old lists often do; if they do not, the installation says so.
    if (!succeeded(update)) log(`apt-get update failed, going on with the lists there are`);
    updated = true;
  }
  const known = [];
  for (const name of ifKnown) if (await isKnown(name, signal)) known.push(name);
  const wanted = [...packages, ...known];
  log(`installing ${wanted.join(', ')} (apt-get install)`);
  const startedMs = performance.now();
  const install = await aptGet(
    ['install', '-y', '--no-install-recommends', ...wanted],
    INSTALL_TIMEOUT_MS,
    signal,
  );
  if (!succeeded(install)) {
    throw new HoldfastError({
      code: 'installation-failed',
      message: `apt-get could not install ${wanted.join(', ')}: ${lastLines(install)}`,
      remedy: `Run it by hand to see why:\n${aptCommands(wanted).join('\n')}`,
    });
  }
  log(`installed ${wanted.join(', ')} in ${Math.round((performance.now() - startedMs) / 1000)} s`);
}

/** The version apt would install; undefined when the package is unknown. */
export async function aptCandidate(name: string, signal: AbortSignal): Promise<string | undefined> {
  const policy = await runCommand('apt-cache', ['policy', name], { signal, timeoutMs: 20_000 });
  if (policy.kind !== 'ended') return undefined;
  const candidate = /Candidate:\s*(\S+)/.exec(policy.stdout)?.[1];
  return candidate === '(none)' ? undefined : candidate;
}

const isKnown = async (name: string, signal: AbortSignal): Promise<boolean> =>
  (await aptCandidate(name, signal)) !== undefined;

const succeeded = (outcome: CommandOutcome): boolean =>
  outcome.kind === 'ended' && outcome.exitCode === 0;

const aptGet = (
  args: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<CommandOutcome> =>
  runCommand('apt-get', ['-q', '-o', LOCK_TIMEOUT_OPTION, ...args], {
    signal,
    timeoutMs,
    environment: ENVIRONMENT,
  });
