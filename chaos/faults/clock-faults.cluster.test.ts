/** Clocks that are wrong, on a real cluster that was started for it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTrials, type Trials } from './testing/fault-trial.ts';

let trials: Trials;
beforeAll(async () => {
  trials = await startTrials(`test-clock-faults-${process.pid}`, { movableClocks: true });
});
afterAll(() => trials[Symbol.asyncDispose]());

test.for([
  ['clock-jump', { bySec: 10 }],
  ['clock-jump', { bySec: -10 }],
  ['clock-jump', { of: 'replica', bySec: 60 }],
  ['clock-jump', { of: 'replica', bySec: -60 }],
  ['clock-drift', { percent: 10 }],
  ['clock-drift', { percent: -10 }],
] as const)(
  '%s %o is proven, heals, and messages keep being acknowledged',
  async ([kind, options]) => {
    const before = await trials.cluster.leader(2_000);
    await trials.tryFault(kind, options);
    expect(await trials.cluster.leader(2_000)).toBe(before);
  },
);
