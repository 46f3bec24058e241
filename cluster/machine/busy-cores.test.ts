import { expect, it } from 'vitest';
import { busyCores, parseCoreTicks, readCoreTicks } from './busy-cores.ts';

const statOf = (fields: string): string => `cpu  ${fields} 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n`;

it('counts what is neither idle nor waiting for a disk nor taken by the host', () => {
  expect(parseCoreTicks(statOf('100 20 30 700 50 4 6 90'))).toEqual({ busy: 160, all: 910 });
});

it('says how many cores were busy between two readings', () => {
  const before = { busy: 100, all: 1_000 };
  expect(busyCores(before, { busy: 250, all: 1_200 }, 2)).toBe(1.5);
  expect(busyCores(before, before, 2)).toBeNull();
});

it('knows nothing where there is nothing to read', () => {
  expect(parseCoreTicks('')).toBeUndefined();
  expect(busyCores(undefined, undefined)).toBeNull();
});

it('reads this machine', async () => {
  const ticks = await readCoreTicks();
  if (process.platform === 'linux') expect(ticks?.all).toBeGreaterThan(0);
  else expect(ticks).toBeUndefined();
});
