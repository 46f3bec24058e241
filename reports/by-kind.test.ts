import { expect, test } from 'vitest';
import { faultsByKind } from './by-kind.ts';
import { sampleFault } from './sample-fault.fixture.ts';

const base = sampleFault(1);
const failover = (longestGap: number | null, asSentSec: number) => ({
  ...base,
  kind: 'kill-server',
  recoveryMs: { ...base.recoveryMs, longestGap, load99: longestGap },
  unavailableSec: { asSent: asSentSec, withRetries: 0 },
});

test('recovery of a kind is told as a distribution', () => {
  const gaps = Array.from({ length: 20 }, (_, each) => 1_000 + 100 * each);
  const { recoveryByFault } = faultsByKind(gaps.map((gap) => failover(gap, 2)));
  expect(recoveryByFault['kill-server']).toMatchObject({
    faults: 20,
    longestGap: { min: 1_000, median: 1_900, p95: 2_800, max: 2_900 },
    unavailableSec: { asSent: 2, withRetries: 0 },
  });
});

test('one that never recovered is longer than all others, and its length not known', () => {
  const { recoveryByFault } = faultsByKind([failover(1_000, 1), failover(null, 60)]);
  expect(recoveryByFault['kill-server']?.longestGap).toEqual({
    min: 1_000,
    median: 1_000,
    p95: null,
    max: null,
  });
});

test('an objective affords as many failovers as fit into its month', () => {
  // 30 days: 25,920 s at 99 %, 2,592 s at 99.9 %, 259.2 s at 99.99 %.
  expect(faultsByKind([failover(3_000, 2), failover(3_000, 4)]).failoversAMonth).toEqual([
    { objective: 0.99, asSent: 8_640, withRetries: null },
    { objective: 0.999, asSent: 864, withRetries: null },
    { objective: 0.9999, asSent: 86, withRetries: null },
  ]);
});

test('faults without a failover say nothing about failovers', () => {
  const { recoveryByFault, failoversAMonth } = faultsByKind([
    { ...failover(100, 1), newPrimary: null },
    { ...failover(100, 1), injectedAt: null },
  ]);
  expect(recoveryByFault['kill-server']?.faults).toBe(1);
  expect(failoversAMonth).toEqual([]);
});
