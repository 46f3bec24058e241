import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createGathering, gatherMsAt } from './gathering.ts';
import { eventually } from './testing/eventually.ts';

const BOUNDS = { easeMs: 15, limitMs: 60 };

test('gathers briefly up to half of the time at work, and long at the limit', () => {
  expect([0, 0.3, 0.5, 0.7, 0.9, 1].map((share) => Math.round(gatherMsAt(share, BOUNDS)))).toEqual([
    15, 15, 15, 38, 60, 60,
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
