import { expect, test } from 'vitest';
import type { Judged } from './judge-run.ts';
import { concludeFrom, measurementOf, wrongIn, type Measurement } from './measurement.ts';

const run = { messages: 1_200_000, deliveries: 24_000_000, ledgerBytes: 330_000_000 };

const judged = (wallMs: number): Judged => ({
  wallMs,
  cpuMs: wallMs,
  peakBytes: 450_000_000,
  found: {
    verdict: 'pass',
    reasons: [],
    checks: [{ id: 'lost', kind: 'held' }],
    messages: { offered: run.messages, acknowledged: run.messages },
    deliveries: { received: run.deliveries, expected: run.deliveries },
    confidence: { failovers: 3 },
  },
});

const sizes = (seconds: readonly [small: number, hour: number, large: number]): Measurement[] =>
  [300_000, 1_200_000, 5_000_000].map((messages, index) =>
    measurementOf({ ...run, messages }, [judged((seconds[index] ?? NaN) * 1_000)]),
  );

test('takes the median of the repetitions and tells their spread', () => {
  const measurement = measurementOf(run, [judged(4_000), judged(9_000), judged(3_600)]);
  expect(measurement).toMatchObject({ seconds: 4, secondsMin: 3.6, secondsMax: 9 });
  expect(measurement.secondsPerMillion).toBeCloseTo(4 / 1.2);
});

test('is content with an hour in 4 s and a time that grows with the size', () => {
  expect(concludeFrom(sizes([1.3, 4, 15.4])).met).toBe(true);
});

test.each([
  ['an hour that takes too long', [1.6, 5.1, 20]],
  ['a time a message that grows', [0.9, 3.6, 20]],
  ['growth that only the start-up of small runs hides', [2.2, 4, 24]],
] as const)('does not accept %s', (_, seconds) => {
  expect(concludeFrom(sizes(seconds)).met).toBe(false);
});

test('concludes nothing when a size is missing', () => {
  expect(concludeFrom(sizes([1.3, 4, 15.4]).slice(1)).met).toBe(false);
});

test('says what the judge did not find as it was put there', () => {
  const one = judged(4_000);
  const found = {
    ...one.found,
    checks: [{ id: 'lost', kind: 'refuted' }],
    deliveries: { received: 1, expected: run.deliveries },
  };
  expect(wrongIn(run, one)).toEqual([]);
  expect(wrongIn(run, { ...one, found })).toEqual([
    'lost is refuted',
    '1 deliveries received instead of 24000000',
  ]);
});
