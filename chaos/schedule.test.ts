import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scheduleOf } from './schedule.ts';

const kinds = (...names: string[]) => new Map(names.map((name) => [name, 1]));
const counts = (schedule: readonly string[]) =>
  Object.fromEntries(
    [...new Set(schedule)].sort().map((kind) => [kind, schedule.filter((k) => k === kind).length]),
  );

test('the same seed gives the same campaign, another seed another one', () => {
  const weights = kinds('a', 'b', 'c', 'd', 'e');
  const first = scheduleOf({ seed: 7, faults: 40, weights });
  expect(scheduleOf({ seed: 7, faults: 40, weights })).toEqual(first);
  expect(scheduleOf({ seed: 8, faults: 40, weights })).not.toEqual(first);
});

test('a longer campaign begins like the shorter one of the same seed', () => {
  const weights = kinds('a', 'b', 'c');
  const long = scheduleOf({ seed: 3, faults: 30, weights });
  expect(scheduleOf({ seed: 3, faults: 10, weights })).toEqual(long.slice(0, 10));
});

test('each kind comes as often as its weight says in every round', () => {
  const weights = new Map([
    ['often', 3],
    ['seldom', 1],
    ['twice', 2],
  ]);
  const schedule = scheduleOf({ seed: 1, faults: 60, weights });
  expect(counts(schedule)).toEqual({ often: 30, seldom: 10, twice: 20 });
  expect(counts(schedule.slice(0, 6))).toEqual({ often: 3, seldom: 1, twice: 2 });
});

test('with equal weights no kind follows itself, whatever the seed', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 2, max: 9 }), (seed, size) => {
      const weights = kinds(...Array.from({ length: size }, (_, index) => `k${index}`));
      const schedule = scheduleOf({ seed, faults: 50, weights });
      expect(schedule.filter((kind, index) => kind === schedule[index - 1])).toEqual([]);
    }),
  );
});

test('one kind alone is its own campaign', () => {
  expect(scheduleOf({ seed: 1, faults: 3, weights: kinds('only') })).toEqual([
    'only',
    'only',
    'only',
  ]);
});
