/**
 * What became of every message that users meant to send in the window: the
 * set comes from the schedule, not from what was sent, so a message that the
 * service's trouble kept a user from sending counts against the service.
 */
import { intendedAtMs } from '../../scenarios/schedule.ts';
import type { Ledgers } from '../ledger/ledgers.ts';
import { messageCount, NEVER, userOf, ordinalOf } from '../ledger/messages.ts';
import { placesAscending, valuesAscending } from './ascending.ts';

/** Epoch milliseconds; [fromMs, toMs). */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Bounds {
  readonly asSentMs: number;
  readonly deadlineMs: number;
}

/** One entry a message; times count from `baseMs`. */
export interface Outcomes {
  readonly baseMs: number;
  readonly window: Window;
  readonly count: number;
  readonly message: Int32Array;
  readonly intendedMs: Int32Array;
  /** Acknowledged minus intended; NEVER without acknowledgement. */
  readonly latencyMs: Int32Array;
  /** The entries that were answered, the quickest first. */
  readonly byLatency: Int32Array;
  /** 1: acknowledged within the deadline. */
  readonly good: Uint8Array;
  /** 1: acknowledged within the as-sent bound, having been sent once. */
  readonly asSent: Uint8Array;
  /** How often it had been sent when it was acknowledged. */
  readonly attempts: Int32Array;
  readonly sent: number;
}

/** `isCounted`: is it about this user's messages? */
export function outcomesOf(
  ledgers: Ledgers,
  window: Window,
  bounds: Bounds,
  isCounted: (user: number) => boolean,
): Outcomes {
  const { messages } = ledgers.records;
  const { baseMs } = ledgers;
  const capacity = ledgers.shards.length === 0 ? 0 : messageCount(messages);
  const message = new Int32Array(capacity);
  const intendedMs = new Int32Array(capacity);
  const latencyMs = new Int32Array(capacity);
  const good = new Uint8Array(capacity);
  const asSent = new Uint8Array(capacity);
  const attempts = new Int32Array(capacity);
  let count = 0;
  let sent = 0;
  for (let each = 0; each < capacity; each++) {
    if (!isCounted(userOf(messages, each))) continue;
    const atMs = intendedTime(ledgers, each);
    if (atMs < window.fromMs || atMs >= window.toMs) continue;
    message[count] = each;
    intendedMs[count] = atMs - baseMs;
    if (messages.firstSentMs[each] !== NEVER) sent++;
    const acknowledgedMs = messages.acknowledgedMs[each] as number;
    // A generator's timer may fire a millisecond early; no message is answered before it is meant.
    const took = acknowledgedMs === NEVER ? NEVER : Math.max(0, acknowledgedMs - (atMs - baseMs));
    latencyMs[count] = took;
    good[count] = took !== NEVER && took <= bounds.deadlineMs ? 1 : 0;
    attempts[count] = messages.attemptsBefore[each] as number;
    const once = attempts[count] === 1;
    asSent[count] = took !== NEVER && took <= bounds.asSentMs && once ? 1 : 0;
    count++;
  }
  return {
    baseMs,
    window,
    count,
    message: message.subarray(0, count),
    intendedMs: intendedMs.subarray(0, count),
    latencyMs: latencyMs.subarray(0, count),
    byLatency: placesAscending(latencyMs.subarray(0, count)),
    good: good.subarray(0, count),
    asSent: asSent.subarray(0, count),
    attempts: attempts.subarray(0, count),
    sent,
  };
}

/**
 * When a message was meant: by the schedule, or earlier where the generator sent it ahead of its
 * time. Never later: a generator that is late cannot talk itself out of it. Epoch milliseconds.
 */
function intendedTime({ records, baseMs, schedule }: Ledgers, message: number): number {
  const { messages } = records;
  const saidMs = messages.intendedMs[message] as number;
  const plannedMs = intendedAtMs(schedule, userOf(messages, message), ordinalOf(messages, message));
  return saidMs === NEVER ? plannedMs : Math.min(plannedMs, baseMs + saidMs);
}

/** The times of all acknowledgements of the run, ascending, counted from `baseMs`. */
export const acknowledgementTimes = ({ records }: Ledgers): Int32Array =>
  valuesAscending(records.messages.acknowledgedMs);

/** The first place in `sorted` whose value is not below `value`. */
export function lowerBound(sorted: Int32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
