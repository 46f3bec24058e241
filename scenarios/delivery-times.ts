/**
 * How long deliveries take, from when their sender meant to send to when a
 * member has them: on a sample of members, as a histogram, because a delivery
 * must cost a generator as good as nothing.
 *
 * One user in fifty listens. The key of a message names its author and number,
 * and the schedule says when that was meant. What was sent ahead of its time
 * (a volley) has no such moment and is not counted.
 *
 * Buckets are a millisecond wide up to 64 ms and then a thirty-second of a
 * power of two, so nothing is told more than 3 % too long.
 */
import { isDrawn } from './random.ts';
import { intendedAtMs } from './schedule.ts';
import type { Sending } from './sender.ts';

const LISTENERS = { oneOf: 50, atLeast: 10 };
/** Keeps who listens apart from who reads. */
const LISTEN_SEED = 0x2545f491;

/** Does this user listen? */
export const listens = (seed: number, user: number, allUsers: number): boolean =>
  isDrawn(seed ^ LISTEN_SEED, user, allUsers, LISTENERS);

/** Sub-buckets of a power of two; twice as many of the first are exact. */
const FINE = 32;

/** Whole milliseconds from 0 on → the number of their bucket. */
export function bucketOf(ms: number): number {
  if (ms < 2 * FINE) return ms;
  const halvings = 26 - Math.clz32(ms);
  return halvings * FINE + (ms >>> halvings);
}

/** The longest time that falls into a bucket, milliseconds. */
export function longestOf(bucket: number): number {
  if (bucket < 2 * FINE) return bucket;
  const halvings = Math.floor(bucket / FINE) - 1;
  return (bucket - halvings * FINE + 1) * 2 ** halvings - 1;
}

/** A day; a delivery that takes longer is as long as this. */
const LONGEST_MS = 86_400_000;
export const BUCKETS_MAX = bucketOf(LONGEST_MS) + 1;

/** A class as sessions are, for the same reason. */
export class DeliveryTimes {
  private readonly sending: Sending;
  /** How many characters of a key stand before its user's number. */
  private readonly before: number;
  private readonly counts = new Map<number, number>();

  constructor(sending: Sending, run: string) {
    this.sending = sending;
    this.before = run.length + 1;
  }

  /** The text of a delivery's frame: the first string in it after its kind is the message's key. */
  add(text: string): void {
    const { sending } = this;
    const from = text.indexOf('"', AFTER_KIND) + 1 + this.before;
    const dash = text.indexOf('-', from);
    const user = Number(text.slice(from, dash));
    const n = Number(text.slice(dash + 1, text.indexOf('"', dash)));
    const tookMs = sending.now() - (intendedAtMs(sending, user, n) - sending.epochMs);
    // Not a number: the key is none of this run's.
    if (!(tookMs >= 0)) return;
    const bucket = bucketOf(Math.min(tookMs, LONGEST_MS));
    this.counts.set(bucket, (this.counts.get(bucket) ?? 0) + 1);
  }

  /** The `D` lines of the client ledger. */
  lines(virtualUser: number): string[] {
    const nowMs = this.sending.now();
    return [...this.counts]
      .sort(([left], [right]) => left - right)
      .map(([bucket, count]) => `D ${nowMs} ${virtualUser} ${bucket} ${count}`);
  }
}

const AFTER_KIND = '["message",'.length;
