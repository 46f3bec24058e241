import { expect, test } from 'vitest';
import type { RunEvent } from '../events.ts';
import { worstDiskWait } from './worst-disk-wait.ts';

const WINDOW = { fromMs: 10_000, toMs: 30_000 };
const machine = (atMs: number, diskWait?: number | null): RunEvent => ({
  ...{ seq: 1, atMs, kind: 'machine', busyCores: 1, cores: 2 },
  ...(diskWait !== undefined && { diskWait }),
});

test('names the worst sample of the window', () => {
  const events = [machine(5_000, 0.9), machine(12_000, 0.12), machine(17_000, 0.163)];
  expect(worstDiskWait([...events, machine(35_000, 0.9)], WINDOW)).toEqual([
    "somebody waited for the machine's disk 16 % of the time between two samples, until 1970-01-01T00:00:17.000Z",
  ]);
});

test('says nothing of an ordinary disk, nor of one that nobody watched', () => {
  expect(worstDiskWait([machine(12_000, 0.02)], WINDOW)).toEqual([]);
  expect(worstDiskWait([machine(12_000), machine(17_000, null)], WINDOW)).toEqual([]);
  expect(worstDiskWait([machine(12_000, 0.9)], null)).toEqual([]);
});
