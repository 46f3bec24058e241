/**
 * A fault that strikes between two messages proves nothing. A message is under
 * way for some 10 ms, so around the blow 1,000 a second keep ten of them there: a
 * load that has fewer gets the rest by users who send ahead of their time. (With
 * 500 a second, that is five under way on average, one blow in a hundred met none.)
 *
 * The engine takes 50 to 200 ms to run what strikes, and on a busy machine a
 * second; so one volley follows another until the blow has fallen. A user sends
 * no further ahead than its next message: few users are asked for less, or they
 * would have nothing left when the blow falls.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { offeredHzAt } from '../scenarios/schedule.ts';
import type { Load } from './load.ts';

const MESSAGES_PER_SEC = { most: 1_000, least: 300, ofUser: 2 };
const VOLLEY_MS = 400;
/** The generator hears of it within a millisecond or two; the strike falls into the volley. */
const LEAD_MS = 60;
/** A blow that has not fallen after two seconds does not come from a slow engine. */
const VOLLEYS_MAX = 5;

/** Resolves when messages are under way; they are until disposed of. */
export async function keepMessagesUnderWay(
  { schedule, sendFromMs, tell }: Load,
  users: number,
  signal: AbortSignal,
): Promise<Disposable> {
  const offeredHz = offeredHzAt({ ...schedule, users }, Date.now() - sendFromMs);
  const { most, least, ofUser } = MESSAGES_PER_SEC;
  const wantedHz = Math.min(most, Math.max(least, ofUser * users));
  const messages = Math.round((Math.max(0, wantedHz - offeredHz) * VOLLEY_MS) / 1_000);
  let left = VOLLEYS_MAX;
  const fire = (): void => {
    if (left-- > 0) tell({ kind: 'volley', messages, forMs: VOLLEY_MS });
  };
  fire();
  const again = setInterval(fire, VOLLEY_MS);
  const volleys = { [Symbol.dispose]: () => clearInterval(again) };
  try {
    await pause(LEAD_MS, undefined, { signal });
  } catch (interrupted) {
    volleys[Symbol.dispose]();
    throw interrupted;
  }
  return volleys;
}
