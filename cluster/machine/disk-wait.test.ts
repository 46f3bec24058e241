import { expect, it } from 'vitest';
import { diskWaitShare, parseDiskWait, readDiskWait } from './disk-wait.ts';

it('reads the time in which at least one waited, not that in which all did', () => {
  const text = `some avg10=0.00 avg60=0.09 avg300=0.77 total=488965314
full avg10=0.00 avg60=0.00 avg300=0.07 total=166110456
`;
  expect(parseDiskWait(text)).toBe(488_965.314);
});

it('says for what share of the time between two readings', () => {
  const before = { waitedMs: 1_000, atMs: 50_000 };
  expect(diskWaitShare(before, { waitedMs: 1_800, atMs: 55_000 })).toBeCloseTo(0.16);
  // The two are not read in the very same moment.
  expect(diskWaitShare(before, { waitedMs: 6_010, atMs: 55_000 })).toBe(1);
  expect(diskWaitShare(before, before)).toBeNull();
});

it('knows nothing where the kernel does not count it', () => {
  expect(parseDiskWait('')).toBeUndefined();
  expect(diskWaitShare(undefined, undefined)).toBeNull();
});

it('reads this machine, and time does not go back', async () => {
  const before = await readDiskWait();
  const after = await readDiskWait();
  if (before !== undefined) expect(after?.waitedMs).toBeGreaterThanOrEqual(before.waitedMs);
});
