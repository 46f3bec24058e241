import { expect, test } from 'vitest';
import type { RunEvent } from '../events.ts';
import { busyMachine } from './busy-machine.ts';

const sample = (atMs: number, busyCores: number): RunEvent => ({
  ...{ seq: 1, atMs, kind: 'machine', busyCores, cores: 2, diskWait: 0 },
});
const WINDOW = { fromMs: 10_000, toMs: 30_000 };

test('the machine is as busy as the mean of the samples that lie in the window says', () => {
  const before = [sample(6_000, 2), sample(11_000, 1.9)];
  const within = [sample(16_000, 1.2), sample(21_000, 1.4), sample(26_000, 1.6)];
  const events = [...before, ...within, sample(31_000, 0.1)];
  expect(busyMachine(events, WINDOW)).toEqual({ cores: 2, busyCores: expect.closeTo(1.4, 9) });
});

test('without a sample that lies in the window it is not known', () => {
  const unknown = { cores: null, busyCores: null };
  expect(busyMachine([], WINDOW)).toEqual(unknown);
  expect(busyMachine([sample(11_000, 1)], WINDOW)).toEqual(unknown);
  expect(busyMachine([sample(16_000, 1), sample(21_000, 1)], null)).toEqual(unknown);
});
