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

export interface Silence {
  readonly ms: number;
  readonly fromMs: number;
  /** Time of the acknowledgement that ended it; null: none did. */
  readonly endedMs: number | null;
}

/** A message by when it was meant to be sent and when it was acknowledged. */
interface Answered {
  intendedMs: number;
  atMs: number;
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
  const answered: Answered[] = [];
  // What is answered only later, or never, waits to the end.
  const later: Answered = { intendedMs: Infinity, atMs: Infinity };
  for (let message = 0; message < messageCount(messages); message++) {
    const intendedMs = messages.intendedMs[message] as number;
    const atMs = messages.acknowledgedMs[message] as number;
    if (intendedMs === NEVER || intendedMs > toMs) continue;
    if (atMs !== NEVER && atMs < fromMs) continue;
    if (atMs !== NEVER && atMs <= toMs) {
      answered.push({ intendedMs, atMs });
      continue;
    }
    later.intendedMs = Math.min(later.intendedMs, intendedMs);
    if (atMs !== NEVER) later.atMs = Math.min(later.atMs, atMs);
  }
  if (answered.length === 0 && later.intendedMs === Infinity) return null;

  // Backwards, so that the oldest of all that still wait is known at each answer.
  answered.sort((a, b) => b.atMs - a.atMs);
  let oldestMs = later.intendedMs;
  const lastMs = Math.max(answered[0]?.atMs ?? fromMs, oldestMs);
  let longest: Silence = {
    ms: Math.max(0, toMs - lastMs),
    fromMs: Math.min(lastMs, toMs),
    endedMs: later.atMs === Infinity ? null : later.atMs,
  };
  answered.forEach(({ intendedMs, atMs }, index) => {
    oldestMs = Math.min(oldestMs, intendedMs);
    const sinceMs = Math.max(answered[index + 1]?.atMs ?? fromMs, oldestMs);
    // Of two equally long ones the earlier, as it would be seen live.
    if (atMs - sinceMs >= longest.ms) {
      longest = { ms: atMs - sinceMs, fromMs: sinceMs, endedMs: atMs };
    }
  });
  return longest;
}

/** The longest time in [fromMs, toMs] without an acknowledgement, whether or not anybody waited. */
export function longestQuietMs(
  { records: { messages } }: Ledgers,
  fromMs: number,
  toMs: number,
): number {
  const times = [toMs];
  for (const atMs of messages.acknowledgedMs) {
    if (atMs >= fromMs && atMs <= toMs) times.push(atMs);
  }
  let [longestMs, lastMs] = [0, fromMs];
  for (const atMs of times.sort((left, right) => left - right)) {
    longestMs = Math.max(longestMs, atMs - lastMs);
    lastMs = atMs;
  }
  return longestMs;
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
