import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BUCKETS_MAX, bucketOf, DeliveryTimes, listens, longestOf } from './delivery-times.ts';
import { intendedAtMs, messageKey } from './schedule.ts';
import { Timetable } from './timetable.ts';

const times = fc.integer({ min: 0, max: 86_400_000 });

test('a bucket holds its times, told at most 3 % too long, and later ones hold longer', () => {
  fc.assert(
    fc.property(times, times, (ms, other) => {
      const bucket = bucketOf(ms);
      expect(bucket).toBeLessThan(BUCKETS_MAX);
      expect(longestOf(bucket)).toBeGreaterThanOrEqual(ms);
      expect(longestOf(bucket)).toBeLessThanOrEqual(ms * 1.032);
      expect(bucketOf(longestOf(bucket))).toBe(bucket);
      if (other > ms) expect(bucketOf(other)).toBeGreaterThanOrEqual(bucket);
    }),
  );
});

test('one user in fifty listens, and in a small population ten', () => {
  const listenersOf = (users: number): number =>
    Array.from({ length: users }, (_, user) => user).filter((user) => listens(7, user, users))
      .length;
  expect([20_000, 200, 60, 4].map(listenersOf)).toEqual([400, 10, 10, 4]);
});

test('who listens follows no order that users have, such as their regions', () => {
  for (const users of [60, 90, 480]) {
    const all = Array.from({ length: users }, (_, user) => user);
    const regions = all.filter((user) => listens(7, user, users)).map((user) => user % 3);
    expect(new Set(regions).size).toBe(3);
  }
});

test('counts a delivery from when its message was meant, and none that came ahead of its time', () => {
  const schedule = { seed: 7, sendFromMs: 1_000_000, intervalMs: 60_000, rates: [] };
  let nowMs = 0;
  const now = (): number => nowMs;
  const timetable = new Timetable(now);
  const sending = {
    ...schedule,
    epochMs: 900_000,
    stopAtMs: Infinity,
    now,
    timetable,
    hotShare: 0,
  };
  const heard = new DeliveryTimes(sending, 'abc');
  const hear = (user: number, n: number, afterMs: number): void => {
    nowMs = intendedAtMs(schedule, user, n) - sending.epochMs + afterMs;
    heard.add(JSON.stringify(['message', 12, 34, messageKey('abc', user, n), user, 'hello "5-6"']));
  };
  hear(17, 3, 20);
  hear(123, 0, 20);
  hear(17, 4, 130);
  hear(17, 5, -500);
  heard.add('["message",1,2,"refusal",3,"no key of this run"]');
  expect(heard.lines(2).map((line) => line.replace(/^D -?\d+ /, ''))).toEqual(['2 20 2', '2 96 1']);
});
