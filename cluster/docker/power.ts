/**
 * Signals, freezing and power for containers, each harmless when it is so
 * already. A frozen container has to be thawed before Docker takes a signal
 * for it.
 *
 * A power cut has to hit everything on a server in the same instant. Where we
 * may, we kill the containers' first processes ourselves, one system call
 * after the other; the kernel then kills all that is in their process
 * namespaces, frozen or not. Where we may not (not root, or an engine on
 * another machine), the engine is asked for all at once, which on a busy
 * machine spreads over a second.
 */
import { readFileSync } from 'node:fs';
import { awaitCondition } from '../await.ts';
import type { Moment } from '../cluster.ts';
import type { Engine } from './engine.ts';
import { ignoreHarmless, isMissing } from './engine.ts';

export type ContainerState = 'running' | 'frozen' | 'stopped' | 'missing';

const inspect = async (
  engine: Engine,
  name: string,
): Promise<{ readonly state: ContainerState; readonly id: string; readonly pid: number }> => {
  try {
    const { Id: id, State } = await engine.getContainer(name).inspect();
    const state = State.Paused ? 'frozen' : State.Running ? 'running' : 'stopped';
    return { state, id, pid: State.Pid };
  } catch (error) {
    if (isMissing(error)) return { state: 'missing', id: '', pid: 0 };
    throw error;
  }
};

export const containerState = async (engine: Engine, name: string): Promise<ContainerState> =>
  (await inspect(engine, name)).state;

export const freeze = (engine: Engine, name: string): Promise<void> =>
  ignoreHarmless(engine.getContainer(name).pause());

export const thaw = async (engine: Engine, name: string): Promise<void> => {
  if ((await containerState(engine, name)) === 'frozen') {
    await ignoreHarmless(engine.getContainer(name).unpause());
  }
};

export const sendSignal = async (
  engine: Engine,
  name: string,
  signal: 'SIGKILL' | 'SIGTERM',
): Promise<void> => {
  const send = (): Promise<unknown> => engine.getContainer(name).kill({ signal });
  try {
    await send();
  } catch {
    await thaw(engine, name);
    await ignoreHarmless(send());
  }
};

/** Is that process, seen from here, the container's? An engine elsewhere has other numbers. */
const isOurProcess = (pid: number, containerId: string): boolean => {
  try {
    return pid > 0 && readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(containerId);
  } catch {
    return false;
  }
};

const killProcess = (pid: number): boolean => {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
};

/** The engine needs some tens of ms to see that a process ended; a busy one seconds. */
const STOPPED_TIMEOUT_MS = 30_000;

/** Power cut: all of them die at once, none has time to say goodbye. Says when. */
export const cutPower = async (engine: Engine, names: readonly string[]): Promise<Moment> => {
  const containers = await Promise.all(names.map((name) => inspect(engine, name)));
  const alive = names
    .map((name, index) => ({ name, ...containers[index] }))
    .filter(({ state }) => state === 'running' || state === 'frozen');
  const fromMs = Date.now();
  const isDead = alive.map(({ pid = 0, id = '' }) => isOurProcess(pid, id) && killProcess(pid));
  const isAllDead = isDead.every(Boolean);
  const killedMs = Date.now();
  await Promise.all(
    alive.map(async ({ name, state }, index) => {
      if (isDead[index] !== true) return sendSignal(engine, name, 'SIGKILL');
      // The engine's freezer keeps even a dead process until it is thawed.
      if (state === 'frozen') await ignoreHarmless(engine.getContainer(name).unpause());
    }),
  );
  const toMs = isAllDead ? killedMs : Date.now();
  await awaitCondition(
    async () => {
      const states = await Promise.all(alive.map(({ name }) => containerState(engine, name)));
      const left = alive.filter((_, index) => states[index] === 'running');
      return {
        met: left.length === 0,
        seen: `running: ${left.map(({ name }) => name).join(', ')}`,
      };
    },
    {
      what: 'killed containers to be seen as stopped',
      timeoutMs: STOPPED_TIMEOUT_MS,
      everyMs: 20,
      remedy: 'docker ps shows what the engine thinks; a busy machine may need longer.',
    },
  );
  return { fromMs, toMs };
};

export const switchOn = async (engine: Engine, name: string): Promise<void> => {
  await thaw(engine, name);
  await ignoreHarmless(engine.getContainer(name).start());
};
