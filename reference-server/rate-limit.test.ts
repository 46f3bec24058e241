import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRateLimit } from './rate-limit.ts';

test('grants a burst at once, then one each interval, and says how long to wait', () => {
  const limit = createRateLimit<string>({ rateHz: 10, burst: 3 });
  expect([0, 0, 0].map((atMs) => limit.take('a', atMs))).toEqual([0, 0, 0]);
  expect(limit.take('a', 0)).toBeCloseTo(100, 2);
  expect(limit.take('a', 60)).toBeCloseTo(40, 2);
  expect(limit.take('a', 100)).toBe(0);
  expect(limit.take('a', 100)).toBeGreaterThan(99);
});

test('takes nothing from one for what another does', () => {
  const limit = createRateLimit<number>({ rateHz: 1, burst: 1 });
  expect(limit.take(1, 0)).toBe(0);
  expect(limit.take(1, 1)).toBeGreaterThan(0);
  expect(limit.take(2, 1)).toBe(0);
});

test('who waits as long as was said gets one', () => {
  const rates = {
    rateHz: fc.integer({ min: 1, max: 1_000 }),
    burst: fc.integer({ min: 1, max: 50 }),
  };
  fc.assert(
    fc.property(fc.record(rates), fc.integer({ min: 0, max: 100 }), (options, asked) => {
      const limit = createRateLimit<string>(options);
      for (let n = 0; n < asked; n++) limit.take('a', 0);
      const waitMs = limit.take('a', 0);
      expect(waitMs === 0 || limit.take('a', waitMs) === 0).toBe(true);
    }),
  );
});

test('grants exactly what a bucket of tokens grants', () => {
  const gapsMs = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 });
  fc.assert(
    fc.property(
      fc.constantFrom(5, 10, 20),
      fc.integer({ min: 1, max: 8 }),
      gapsMs,
      (rateHz, burst, gaps) => {
        const limit = createRateLimit<string>({ rateHz, burst });
        let nowMs = 0;
        // In milliseconds of its refill, so that the model counts in whole numbers.
        const costMs = 1_000 / rateHz;
        let tokensMs = burst * costMs;
        for (const gapMs of gaps) {
          nowMs += gapMs;
          tokensMs = Math.min(burst * costMs, tokensMs + gapMs);
          const granted = tokensMs >= costMs;
          if (granted) tokensMs -= costMs;
          expect(limit.take('a', nowMs) === 0).toBe(granted);
        }
      },
    ),
  );
});

test('forgets those whose bucket is full again', () => {
  const limit = createRateLimit<number>({ rateHz: 100, burst: 10 });
  for (let user = 0; user < 100_000; user++) limit.take(user, user);
  expect(limit.size).toBeLessThan(1_100);
});
