/**
 * Faults must not outlive the harness, not even one that is killed with -9 and
 * can heal nothing any more. So, with a run's first fault, a process of its
 * own is started that heals in its stead (`main.ts`).
 *
 * The two are joined by a pipe that only the harness holds the other end of:
 * the kernel closes it in the instant in which the harness is gone, however
 * that came about. So nobody polls, and there is no process id that might have
 * been given to somebody else meanwhile.
 *
 * Limits: a harness that is merely stopped (SIGSTOP) is not gone. Who kills
 * both heals with the next start, or with `holdfast cluster down`.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { HoldfastError } from '../../cluster/errors.ts';

/** It starts within 200 ms; it may have to wait for one that still heals after another run. */
const READY_TIMEOUT_MS = 30_000;

/** What the watchdog is told, a line each. */
export const ARMED = 'armed';
export const DISARMED = 'disarmed';
/** What it answers once. */
export const READY = 'ready';

export interface Watchdog extends AsyncDisposable {
  /** From when this resolves, the cluster is healed if this process goes. */
  arm(): Promise<void>;
  /** Nothing is broken any more. */
  disarm(): void;
  /** Process id of the one that runs; undefined when none does. */
  readonly pid: number | undefined;
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

export function createWatchdog(clusterId: string, run: string): Watchdog {
  let child: Child | undefined;

  const tell = (word: string): void => {
    if (isAlive(child)) child.stdin.write(`${word}\n`);
  };
  return {
    get pid() {
      return isAlive(child) ? child.pid : undefined;
    },
    async arm() {
      // One that was killed is followed by another, before anything is broken.
      if (!isAlive(child)) child = await startChild(clusterId, run);
      tell(ARMED);
    },
    disarm: () => tell(DISARMED),
    async [Symbol.asyncDispose]() {
      if (!isAlive(child)) return;
      child.ref();
      const exited = once(child, 'exit');
      child.stdin.end();
      await exited;
    },
  };
}

const isAlive = (child: Child | undefined): child is Child =>
  child !== undefined && child.exitCode === null && child.signalCode === null;

async function startChild(clusterId: string, run: string): Promise<Child> {
  const main = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [main, clusterId, run], {
    // In a session of its own: what ends a terminal, or all of a process group, does not end it.
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  // Its death is seen by `isAlive`; a write to one that just died must not end the harness.
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  const late = AbortSignal.timeout(READY_TIMEOUT_MS);
  try {
    await Promise.race([
      once(child.stdout, 'data', { signal: late }),
      once(child, 'exit', { signal: late }).then(() => Promise.reject(new Error('it ended'))),
    ]);
  } catch (cause) {
    child.kill('SIGKILL');
    throw new HoldfastError({
      code: 'no-watchdog',
      message: `waited up to ${READY_TIMEOUT_MS / 1_000} s for the watchdog of the cluster ${clusterId}; last seen: ${String(cause)}`,
      remedy:
        'nothing is broken without somebody to heal it; another watchdog of this cluster may still be busy',
      cause,
    });
  }
  child.stdout.destroy();
  child.unref();
  return child;
}
