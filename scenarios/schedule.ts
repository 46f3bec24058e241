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
import { meanOverUsers, profileOf, timeOfWork, timesAt, workUntil } from './rates.ts';
import type { RateProfile } from './rates.ts';

export interface Schedule {
  readonly seed: number;
  /** Epoch milliseconds of the first interval's beginning. */
  readonly sendFromMs: number;
  /** One message a user in each interval, in milliseconds (60,000 in the mission). */
  readonly intervalMs: number;
  /** Users who send faster or slower than that at times; none in the steady load. */
  readonly rates: readonly RateProfile[];
}

/** When user `user` means to send its `n`-th message (n from 0), epoch milliseconds. */
export function intendedAtMs(schedule: Schedule, user: number, n: number): number {
  const workMs = (n + randomAt(schedule.seed, user, n)) * schedule.intervalMs;
  const profile = schedule.rates.length === 0 ? undefined : profileOf(schedule.rates, user);
  const timeMs = profile === undefined ? workMs : timeOfWork(profile, workMs);
  return schedule.sendFromMs + Math.floor(timeMs);
}

/** The highest n that any user means to send before `toMs`, or a little more; epoch milliseconds. */
export function lastMessageBefore(
  { sendFromMs, intervalMs, rates }: Schedule,
  toMs: number,
): number {
  const timeMs = Math.max(0, toMs - sendFromMs);
  const works = [timeMs, ...rates.map((profile) => workUntil(profile, timeMs))];
  return Math.floor(Math.max(...works) / intervalMs);
}

/** Messages a second that all users together mean to send, so long after the start of sending. */
export const offeredHzAt = (schedule: RateOfAll, timeMs: number): number =>
  (1_000 / schedule.intervalMs) *
  schedule.users *
  meanOverUsers(schedule.rates, schedule.users, 1, (profile) => timesAt(profile, timeMs));

/** How many they mean to send within so long after the start of sending. */
export const offeredUntil = (schedule: RateOfAll, timeMs: number): number =>
  (schedule.users / schedule.intervalMs) *
  meanOverUsers(schedule.rates, schedule.users, timeMs, (profile) => workUntil(profile, timeMs));

type RateOfAll = Pick<Schedule, 'intervalMs' | 'rates'> & { readonly users: number };

/**
 * To which of its channels (direct, team, room) a user sends its n-th message. Members of the hot
 * channel send that share of theirs to it.
 */
export function channelOf(
  seed: number,
  channels: Population['channelsOfUser'][number],
  user: number,
  n: number,
  hotShare = 0,
): number {
  const hot = channels[3];
  if (hot !== undefined && randomAt(seed ^ 0x165667b1, user, n) < hotShare) return hot;
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
