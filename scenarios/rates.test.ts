import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomAt } from './random.ts';
import { timeOfWork, timesAt, workUntil, type RateProfile } from './rates.ts';
import {
  intendedAtMs,
  lastMessageBefore,
  offeredHzAt,
  offeredUntil,
  type Schedule,
} from './schedule.ts';

const profiles: fc.Arbitrary<RateProfile> = fc
  .array(
    fc.record({
      lastsMs: fc.integer({ min: 1, max: 600_000 }),
      times: fc.double({ min: 0.01, max: 50, noNaN: true }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((parts) => {
    let fromMs = 0;
    const spans = parts.map(({ lastsMs, times }) => {
      const span = { fromMs, times };
      fromMs += lastsMs;
      return span;
    });
    return { every: 1, first: 0, spans };
  });
const moments = fc.double({ min: 0, max: 10_000_000, noNaN: true });

test('more work is never done earlier', () => {
  fc.assert(
    fc.property(profiles, moments, moments, (profile, one, other) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)];
      expect(timeOfWork(profile, less)).toBeLessThanOrEqual(timeOfWork(profile, more) + 1e-6);
    }),
  );
});

test('time and work are one another’s inverse', () => {
  fc.assert(
    fc.property(profiles, moments, (profile, timeMs) => {
      expect(timeOfWork(profile, workUntil(profile, timeMs))).toBeCloseTo(timeMs, 3);
    }),
  );
});

test('the steady load is meant at the very times it always was', () => {
  const steady: Schedule = {
    seed: 7,
    sendFromMs: 1_760_000_000_123,
    intervalMs: 60_000,
    rates: [],
  };
  const evenly = [{ every: 1, first: 0, spans: [{ fromMs: 0, times: 1 }] }];
  const before = (user: number, n: number): number =>
    steady.sendFromMs + Math.floor((n + randomAt(7, user, n)) * steady.intervalMs);
  fc.assert(
    fc.property(fc.nat(99_999), fc.nat(10_000), (user, n) => {
      expect(intendedAtMs(steady, user, n)).toBe(before(user, n));
      expect(intendedAtMs({ ...steady, rates: evenly }, user, n)).toBe(before(user, n));
    }),
  );
  expect(intendedAtMs(steady, 3, 2)).toBe(1_760_000_126_015);
});

const spike: Schedule = {
  seed: 1,
  sendFromMs: 1_000_000,
  intervalMs: 1_000,
  rates: [
    {
      every: 3,
      first: 1,
      spans: [
        { fromMs: 0, times: 1 },
        { fromMs: 10_000, times: 5 },
        { fromMs: 20_000, times: 1 },
      ],
    },
  ],
};

test('who follows a profile sends as often as it says, and who does not, as always', () => {
  const within = (user: number, fromMs: number, toMs: number): number =>
    Array.from({ length: 200 }, (_, n) => intendedAtMs(spike, user, n) - spike.sendFromMs).filter(
      (atMs) => atMs >= fromMs && atMs < toMs,
    ).length;
  expect([0, 1, 2].map((user) => within(user, 10_000, 20_000))).toEqual([10, 50, 10]);
  expect([0, 1, 2].map((user) => within(user, 20_000, 30_000))).toEqual([10, 10, 10]);
});

test('the load offered is that of all users together', () => {
  expect(offeredHzAt({ ...spike, users: 30 }, 5_000)).toBeCloseTo(30);
  expect(offeredHzAt({ ...spike, users: 30 }, 15_000)).toBeCloseTo(20 + 50);
  expect(offeredUntil({ ...spike, users: 30 }, 30_000)).toBeCloseTo(30 * 30 + 10 * 40);
  expect(timesAt(spike.rates[0] as RateProfile, 19_999)).toBe(5);
});

test('no user means to send a later message than the last one says', () => {
  fc.assert(
    fc.property(profiles, fc.nat(5), fc.integer({ min: 0, max: 600_000 }), (profile, user, ms) => {
      const schedule = { ...spike, intervalMs: 10_000, rates: [profile] };
      const toMs = schedule.sendFromMs + ms;
      const last = lastMessageBefore(schedule, toMs);
      expect(intendedAtMs(schedule, user, last + 1)).toBeGreaterThanOrEqual(toMs);
    }),
  );
});
