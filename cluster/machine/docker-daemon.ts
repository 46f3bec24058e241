/**
 * Starts the Docker engine where it is installed and down: through systemd where that is the first
 * process, else `dockerd` itself, detached, because in many virtual machines and containers nothing
 * starts services.
 *
 * A `dockerd` that we start outlives the harness on purpose: the cluster's containers are its
 * children, and the next run needs it again. It writes to a log file; when it does not come up, the
 * last lines of that file are in the error.
 */
import { spawn } from 'node:child_process';
import { existsSync, openSync, closeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { HoldfastError } from '../errors.ts';
import { aptInstall } from './apt.ts';
import type { Log } from './check.ts';
import { findProgram, lastLines, runCommand, searchPath } from './command.ts';
import { askEngine, SYSTEM_SOCKET } from './docker-engine.ts';

export const DAEMON_LOG = '/var/log/holdfast-dockerd.log';
/** It takes 1 to 3 s; more when many containers of a killed machine are to be cleaned up first. */
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 200;
/** A daemon that ended will not answer; another one that was coming up at the same time still may. */
const PATIENCE_AFTER_EXIT_MS = 5_000;

export interface DaemonPlace {
  /** `dockerd` arguments beside the defaults; a test starts a second engine with them. */
  readonly args: readonly string[];
  readonly socket: string;
  readonly logFile: string;
}

const SYSTEM_PLACE: DaemonPlace = { args: [], socket: SYSTEM_SOCKET, logFile: DAEMON_LOG };

const isSystemd = (): boolean => existsSync('/run/systemd/system');

/** The commands a person types for the same effect. */
export const startCommands = (): readonly string[] =>
  isSystemd()
    ? ['sudo systemctl start docker']
    : [`sudo sh -c 'nohup dockerd > ${DAEMON_LOG} 2>&1 &'`];

export async function startDocker(log: Log, signal: AbortSignal): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new HoldfastError({
      code: 'may-not-start-docker',
      message: 'The Docker engine does not run, and starting it takes root.',
      remedy: startCommands().join('\n'),
    });
  }
  if (!isSystemd()) {
    await mountCgroups(log, signal);
    await spawnDaemon(SYSTEM_PLACE, log, signal);
    return;
  }
  log('starting the Docker engine (systemctl start docker)');
  const started = await runCommand('systemctl', ['start', 'docker'], {
    signal,
    timeoutMs: START_TIMEOUT_MS,
  });
  await untilEngineAnswers(`unix://${SYSTEM_SOCKET}`, signal, {
    isHopeless: () => started.kind !== 'ended' || started.exitCode !== 0,
    lastSeen: async () => `systemctl start docker: ${lastLines(started)}`,
  });
}

/** Starts `dockerd` unless one is coming up there already, and returns when it answers. */
export async function spawnDaemon(
  { args, socket, logFile }: DaemonPlace,
  log: Log,
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted();
  log(`starting the Docker engine (dockerd, log in ${logFile})`);
  const output = openSync(logFile, 'a');
  // Containers inherit the engine's limits, so it gets all the open files that we may have.
  const daemon = spawn(
    'sh',
    ['-c', 'ulimit -n "$(ulimit -Hn)"; exec dockerd "$@"', 'sh', ...args],
    {
      detached: true,
      stdio: ['ignore', output, output],
      env: { ...process.env, PATH: searchPath() },
    },
  );
  closeSync(output);
  daemon.unref();
  let endedAtMs = Number.POSITIVE_INFINITY;
  const noteEnd = (): void => {
    endedAtMs = performance.now();
  };
  daemon.once('exit', noteEnd);
  daemon.once('error', noteEnd);
  await untilEngineAnswers(`unix://${socket}`, signal, {
    isHopeless: () => performance.now() > endedAtMs + PATIENCE_AFTER_EXIT_MS,
    lastSeen: () => tail(logFile),
  });
  return daemon.pid ?? 0;
}

interface Evidence {
  /** True once waiting longer cannot help. */
  readonly isHopeless: () => boolean;
  readonly lastSeen: () => Promise<string>;
}

async function untilEngineAnswers(
  address: string,
  signal: AbortSignal,
  { isHopeless, lastSeen }: Evidence,
): Promise<void> {
  const startedMs = performance.now();
  for (;;) {
    const answer = await askEngine(signal, address);
    if (answer.kind === 'answers') return;
    const waitedMs = performance.now() - startedMs;
    if (waitedMs > START_TIMEOUT_MS || isHopeless()) {
      throw new HoldfastError({
        code: 'docker-does-not-start',
        message: `The Docker engine did not answer on ${address} within ${Math.round(waitedMs / 1000)} s (${answer.kind}). Last seen: ${await lastSeen()}`,
        remedy: `Start it by hand and read what it says:\n${startCommands().join('\n')}`,
      });
    }
    await wait(POLL_MS, undefined, { signal });
  }
}

/** Without systemd nobody may have mounted the control groups, and dockerd does not do it. */
async function mountCgroups(log: Log, signal: AbortSignal): Promise<void> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  if (/ cgroup2? /.test(mounts)) return;
  log('mounting the control groups (cgroupfs-mount)');
  if ((await findProgram('cgroupfs-mount')) === undefined) {
    await aptInstall(['cgroupfs-mount'], log, signal);
  }
  await runCommand('cgroupfs-mount', [], { signal, timeoutMs: 10_000 });
}

async function tail(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trim().split('\n').slice(-12).join('\n');
}
