/**
 * Times in which nothing was acknowledged, from the client ledgers: with
 * somebody waiting (what users feel, and what the service answers for), and
 * with or without (in which a thin load shows nothing at all).
 *
 * Somebody waits from when a message was meant to be sent, however late it then
 * was sent, until it is acknowledged. All times count from the ledgers' base.
 */
import type { Ledgers } from '../ledger/ledgers.ts';
import { messageCount, NEVER } from '../ledger/messages.ts';
import { placesAscending, valuesAscending } from './ascending.ts';

export interface Silence {
  readonly ms: number;
  readonly fromMs: number;
  /** Time of the acknowledgement that ended it; null: none did. */
  readonly endedMs: number | null;
}

/**
 * The longest time in [fromMs, toMs] in which a message waited and none was acknowledged; null when
 * no message waited at all.
 */
export function longestWait(
  { records: { messages } }: Ledgers,
  fromMs: number,
  toMs: number,
): Silence | null {
  // Those that were answered in that time: when they were meant, and when they were answered.
  const room = messages.acknowledgedMs.reduce(
    (count, atMs) => (atMs >= fromMs && atMs <= toMs ? count + 1 : count),
    0,
  );
  const meantMs = new Int32Array(room);
  const answeredMs = new Int32Array(room);
  let answered = 0;
  // What is answered only later, or never, waits to the end.
  let [laterMeantMs, laterAnsweredMs] = [Infinity, Infinity];
  for (let message = 0; message < messageCount(messages); message++) {
    const intendedMs = messages.intendedMs[message] as number;
    const atMs = messages.acknowledgedMs[message] as number;
    if (intendedMs === NEVER || intendedMs > toMs) continue;
    if (atMs !== NEVER && atMs < fromMs) continue;
    if (atMs !== NEVER && atMs <= toMs) {
      meantMs[answered] = intendedMs;
      answeredMs[answered++] = atMs;
      continue;
    }
    laterMeantMs = Math.min(laterMeantMs, intendedMs);
    if (atMs !== NEVER) laterAnsweredMs = Math.min(laterAnsweredMs, atMs);
  }
  if (answered === 0 && laterMeantMs === Infinity) return null;

  const order = placesAscending(answeredMs.subarray(0, answered));
  /** Of the answer that came `index`-th; the time's beginning before the first. */
  const answerMs = (index: number): number =>
    index < 0 ? fromMs : (answeredMs[order[index] as number] as number);
  // Backwards, so that the oldest of all that still wait is known at each answer.
  let oldestMs = laterMeantMs;
  const lastMs = Math.max(answerMs(answered - 1), oldestMs);
  let longest: Silence = {
    ms: Math.max(0, toMs - lastMs),
    fromMs: Math.min(lastMs, toMs),
    endedMs: laterAnsweredMs === Infinity ? null : laterAnsweredMs,
  };
  for (let index = answered - 1; index >= 0; index--) {
    const atMs = answerMs(index);
    oldestMs = Math.min(oldestMs, meantMs[order[index] as number] as number);
    const sinceMs = Math.max(answerMs(index - 1), oldestMs);
    // Of two equally long ones the earlier, as it would be seen live.
    if (atMs - sinceMs >= longest.ms) {
      longest = { ms: atMs - sinceMs, fromMs: sinceMs, endedMs: atMs };
    }
  }
  return longest;
}

/** The longest time in [fromMs, toMs] without an acknowledgement, whether or not anybody waited. */
export function longestQuietMs(
  { records: { messages } }: Ledgers,
  fromMs: number,
  toMs: number,
): number {
  const times = valuesAscending(
    messages.acknowledgedMs.filter((atMs) => atMs >= fromMs && atMs <= toMs),
  );
  let [longestMs, lastMs] = [0, fromMs];
  for (const atMs of times) {
    longestMs = Math.max(longestMs, atMs - lastMs);
    lastMs = atMs;
  }
  return Math.max(longestMs, toMs - lastMs);
}

/** Messages acknowledged in [fromMs, toMs). */
export const acknowledgedWithin = (
  { records: { messages } }: Ledgers,
  fromMs: number,
  toMs: number,
): number =>
  messages.acknowledgedMs.reduce(
    (count, atMs) => (atMs !== NEVER && atMs >= fromMs && atMs < toMs ? count + 1 : count),
    0,
  );
