import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createGathering, gatherMsAt } from './gathering.ts';
import { eventually } from './testing/eventually.ts';

const BOUNDS = { easeMs: 15, limitMs: 60 };

test('gathers briefly while it works a third of the time, and long at the limit', () => {
  expect([0, 0.3, 0.4, 0.5, 0.6, 1].map((share) => Math.round(gatherMsAt(share, BOUNDS)))).toEqual([
    15, 15, 30, 45, 60, 60,
  ]);
});

test('never shorter than at ease, also where the limit is set below it', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(100), (share, limitMs) => {
      expect(gatherMsAt(share, { easeMs: 15, limitMs })).toBeGreaterThanOrEqual(15);
    }),
  );
});

test('follows the event loop of the process, up and down', async () => {
  using gathering = createGathering(BOUNDS);
  expect(gathering.ms).toBe(15);
  const busy = setInterval(() => {
    const untilMs = performance.now() + 20;
    while (performance.now() < untilMs);
  }, 0);
  await eventually('a busy server to gather longer', () => gathering.ms > 50);
  clearInterval(busy);
  await eventually('a server at ease to gather briefly', () => gathering.ms < 20);
});
