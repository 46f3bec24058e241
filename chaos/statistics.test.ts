import fc from 'fast-check';
import { expect, test } from 'vitest';
import { binomialUpperBound, percentile } from './statistics.ts';

test('takes percentiles by nearest rank', () => {
  const sorted = [15, 20, 35, 40, 50];
  expect([5, 30, 40, 50, 100].map((percent) => percentile(sorted, percent))).toEqual([
    15, 20, 20, 35, 50,
  ]);
  expect(percentile([], 50)).toBeNull();
  expect(percentile([7], 99)).toBe(7);
});

test('at least the asked share of all values does not exceed a percentile, and it is one of them', () => {
  const values = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1 });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 100 }), (list, percent) => {
      const sorted = Int32Array.from(list).sort();
      const value = percentile(sorted, percent) ?? -1;
      expect(list).toContain(value);
      const within = list.filter((each) => each <= value).length;
      expect(within * 100).toBeGreaterThanOrEqual(percent * list.length);
    }),
  );
});

test('bounds a share that was never seen to fail', () => {
  expect(binomialUpperBound(0, 1)).toBeCloseTo(0.95, 12);
  // The rule of three: about 3 / N.
  expect(binomialUpperBound(0, 59)).toBeCloseTo(0.0495, 4);
  expect(binomialUpperBound(0, 0)).toBeNull();
  expect(binomialUpperBound(3, 3)).toBe(1);
});

test('bounds a share that was seen to fail as the published tables do', () => {
  // Clopper and Pearson, one-sided 95 %: 1 of 10 and 2 of 20.
  expect(binomialUpperBound(1, 10)).toBeCloseTo(0.3942, 4);
  expect(binomialUpperBound(2, 20)).toBeCloseTo(0.2826, 4);
});

test('the bound lies above what was seen, and grows with each failure', () => {
  const cases = fc
    .integer({ min: 2, max: 400 })
    .chain((trials) => fc.tuple(fc.constant(trials), fc.integer({ min: 0, max: trials - 2 })));
  fc.assert(
    fc.property(cases, ([trials, failures]) => {
      const bound = binomialUpperBound(failures, trials) ?? -1;
      expect(bound).toBeGreaterThan(failures / trials);
      expect(binomialUpperBound(failures + 1, trials) ?? -1).toBeGreaterThan(bound);
    }),
  );
});
