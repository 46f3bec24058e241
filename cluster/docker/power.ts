/**
 * Signals, freezing and power for containers, each harmless when it is so
 * already. A frozen container has to be thawed before Docker takes a signal
 * for it; it is killed in the same breath, so it does nothing in between that
 * counts.
 *
 * Limit: "at once" for a whole server means within the few hundredths of a
 * second that the engine needs for as many requests.
 */
import type { Engine } from './engine.ts';
import { ignoreHarmless, isMissing } from './engine.ts';

export type ContainerState = 'running' | 'frozen' | 'stopped' | 'missing';

export const containerState = async (engine: Engine, name: string): Promise<ContainerState> => {
  try {
    const { State } = await engine.getContainer(name).inspect();
    if (State.Paused) return 'frozen';
    return State.Running ? 'running' : 'stopped';
  } catch (error) {
    if (isMissing(error)) return 'missing';
    throw error;
  }
};

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
  // Not asked for first: the look would cost the time in which a server dies by halves.
  const send = (): Promise<unknown> => engine.getContainer(name).kill({ signal });
  try {
    await send();
  } catch {
    await thaw(engine, name);
    await ignoreHarmless(send());
  }
};

/** Power cut: all of them die, none has time to say goodbye. */
export const killAll = async (engine: Engine, names: readonly string[]): Promise<void> => {
  await Promise.all(names.map((name) => sendSignal(engine, name, 'SIGKILL')));
};

export const switchOn = async (engine: Engine, name: string): Promise<void> => {
  await thaw(engine, name);
  await ignoreHarmless(engine.getContainer(name).start());
};
