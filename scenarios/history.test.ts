import { hash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bodyHashOf, type PageEntry, pageDigest, readAtMs, readsHistory } from './history.ts';

const md5 = (text: string): string => hash('md5', text, 'hex');
const readersOf = (seed: number, users: number): number[] =>
  Array.from({ length: users }, (_, user) => user).filter((user) =>
    readsHistory(seed, user, users),
  );

test('one user in a hundred reads, and in a small population ten', () => {
  expect(readersOf(7, 20_000)).toHaveLength(200);
  expect(readersOf(7, 60)).toHaveLength(10);
  expect(readersOf(7, 4)).toHaveLength(4);
});

test('another seed lets others read', () => {
  const groups = [1, 2, 3, 4, 5].map((seed) => readersOf(seed, 20_000)[0]);
  expect(new Set(groups).size).toBeGreaterThan(1);
});

test('a reader reads once in each interval', () => {
  const schedule = { seed: 7, sendFromMs: 1_000, intervalMs: 60_000, rates: [] };
  for (let n = 0; n < 50; n++) {
    const interval = Math.floor((readAtMs(schedule, 12, n) - schedule.sendFromMs) / 60_000);
    expect(interval).toBe(n);
  }
});

const entries: fc.Arbitrary<PageEntry> = fc.tuple(
  fc.nat(),
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 9 }),
  fc.nat(),
  fc.string().map((body) => bodyHashOf(body, md5)),
);

test('a digest fits a column of the ledger, and another page has another one', () => {
  fc.assert(
    fc.property(fc.array(entries, { minLength: 1, maxLength: 10 }), fc.nat(9), (page, place) => {
      const digest = pageDigest(page, md5);
      expect(digest).toBe(pageDigest([...page], md5));
      expect(Number.isInteger(digest) && digest >= 0 && digest <= 0x7fff_ffff).toBe(true);
      const without = page.filter((_, index) => index !== place % page.length);
      expect(pageDigest(without, md5)).not.toBe(digest);
    }),
  );
});
