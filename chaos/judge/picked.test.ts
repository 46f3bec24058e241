import fc from 'fast-check';
import { expect, test } from 'vitest';
import { percentile } from '../statistics.ts';
import { pickPercentiles, take } from './picked.ts';

test('picks what the percentiles of the whole list are, and none that never came', () => {
  const values = fc.array(fc.nat({ max: 300 }), { maxLength: 200 });
  fc.assert(
    fc.property(values, fc.nat({ max: 20 }), (list, neverCame) => {
      const sorted = list.toSorted((left, right) => left - right);
      const count = sorted.length + neverCame;
      const picked = pickPercentiles(count);
      for (const value of sorted) take(picked, value);
      expect(picked).toMatchObject({
        p50: percentile(sorted, 50, count),
        p95: percentile(sorted, 95, count),
        p99: percentile(sorted, 99, count),
        max: sorted.at(-1) ?? null,
      });
    }),
  );
});
