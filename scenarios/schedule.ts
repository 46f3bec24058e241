/**
 * Which message a user means to send when: open arrivals that do not drift.
 *
 * Message n of a user falls at a seeded point inside the n-th interval after
 * the start of sending, whatever happened to the messages before it. So the
 * offered load does not sag when the service does, and latency is counted
 * from the moment the user *meant* to send.
 */
import { MESSAGE_SHARE, type Population } from './population.ts';
import { randomAt } from './random.ts';

export interface Schedule {
  readonly seed: number;
  /** Epoch milliseconds of the first interval's beginning. */
  readonly sendFromMs: number;
  /** One message a user in each interval, in milliseconds (60,000 in the mission). */
  readonly intervalMs: number;
}

/** When user `user` means to send its `n`-th message (n from 0), epoch milliseconds. */
export function intendedAtMs(schedule: Schedule, user: number, n: number): number {
  const within = randomAt(schedule.seed, user, n);
  return schedule.sendFromMs + Math.floor((n + within) * schedule.intervalMs);
}

/** To which of its channels (direct, team, room) a user sends its n-th message. */
export function channelOf(
  seed: number,
  channels: Population['channelsOfUser'][number],
  user: number,
  n: number,
): number {
  const draw = randomAt(seed ^ 0x5bd1e995, user, n);
  if (draw < MESSAGE_SHARE.direct) return channels[0];
  if (draw < MESSAGE_SHARE.direct + MESSAGE_SHARE.team) return channels[1];
  return channels[2];
}

/** The key of a user's n-th message; `run` makes it unique across runs. */
export const messageKey = (run: string, user: number, n: number): string => `${run}-${user}-${n}`;

/** What fills a body up behind its key. */
export const BODY_FILLING = 'so the tide came in and the rock held fast; ';

/** Of the body of a user's n-th message: 20 to 140 characters, more only where its key is longer. */
export const bodyLengthOf = (seed: number, user: number, n: number): number =>
  20 + Math.floor(120 * randomAt(seed ^ 0x27d4eb2f, user, n));

/**
 * The body of a message follows from its key, so that a stored row can be held
 * against what was sent without keeping every body.
 */
export const bodyOf = (key: string, seed: number, user: number, n: number): string =>
  `${key} `.padEnd(bodyLengthOf(seed, user, n), BODY_FILLING);
