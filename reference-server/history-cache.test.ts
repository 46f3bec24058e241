import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHistoryCache } from './history-cache.ts';
import type { HistoryEntry } from './protocol.ts';

const entry = (sequence: number): HistoryEntry => [sequence, `k${sequence}`, 1, 'hello'];
const entries = (from: number, to: number): HistoryEntry[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => entry(from + index));
const nothing = () => undefined;

test('serves a page that was read before, grown by what was published since', () => {
  const cache = createHistoryCache(1_000, 200);
  cache.keep(1, entries(1, 30), 50);
  expect(cache.newest(1, 30, 50, nothing)).toEqual(entries(1, 30));
  const live = (sequence: number) => (sequence >= 30 ? entries(sequence + 1, 35) : undefined);
  expect(cache.newest(1, 35, 20, live)).toEqual(entries(16, 35));
  expect(cache.newest(1, 35, 20, nothing)).toEqual(entries(16, 35));
});

test('serves what was published live without any page, if that is enough', () => {
  const cache = createHistoryCache(1_000, 200);
  const live = (sequence: number) => (sequence >= 90 ? entries(sequence + 1, 100) : undefined);
  expect(cache.newest(1, 100, 10, live)).toEqual(entries(91, 100));
  expect(cache.newest(1, 100, 11, live)).toBeUndefined();
});

test('serves nothing that is older than what was published', () => {
  const cache = createHistoryCache(1_000, 200);
  cache.keep(1, entries(1, 30), 50);
  expect(cache.newest(1, 31, 50, nothing)).toBeUndefined();
});

test('serves nothing newer than what was published', () => {
  const cache = createHistoryCache(1_000, 200);
  cache.keep(1, entries(1, 30), 50);
  expect(cache.newest(1, 29, 50, nothing)).toBeUndefined();
});

test('does not keep a page with a gap, nor one that is too short for what was asked', () => {
  const cache = createHistoryCache(1_000, 200);
  cache.keep(1, [entry(1), entry(3)], 2);
  cache.keep(2, entries(21, 30), 20);
  expect(cache.size).toBe(0);
});

test('holds no more than it may, and lets go of who was not asked for the longest', () => {
  const cache = createHistoryCache(100, 200);
  for (const channel of [1, 2]) cache.keep(channel, entries(1, 50), 50);
  cache.newest(1, 50, 50, nothing);
  cache.keep(3, entries(1, 40), 50);
  expect(cache.size).toBe(90);
  expect(cache.newest(2, 50, 50, nothing)).toBeUndefined();
  expect(cache.newest(1, 50, 50, nothing)).toEqual(entries(1, 50));
});

test('keeps and serves nothing when it is switched off', () => {
  const cache = createHistoryCache(0, 200);
  cache.keep(1, entries(1, 5), 5);
  expect(cache.newest(1, 5, 5, (sequence) => entries(sequence + 1, 5))).toBeUndefined();
});

const step = fc.oneof(
  fc.record({ kind: fc.constant('publish' as const), messages: fc.integer({ min: 1, max: 30 }) }),
  fc.record({ kind: fc.constant('ask' as const), limit: fc.integer({ min: 1, max: 40 }) }),
  // How many of the newest are still in the feed's memory.
  fc.record({ kind: fc.constant('remember' as const), messages: fc.integer({ min: 0, max: 60 }) }),
);

test('whatever is published, read and forgotten: a page is the newest there is, or none', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 1, max: 80 }),
      (steps, max) => {
        const cache = createHistoryCache(max, 40);
        let published = 0;
        let remembered = 0;
        const after = (sequence: number) =>
          remembered > 0 && sequence >= published - remembered
            ? entries(sequence + 1, published)
            : undefined;
        for (const one of steps) {
          if (one.kind === 'publish') {
            published += one.messages;
            remembered += one.messages;
          } else if (one.kind === 'remember') {
            remembered = Math.min(remembered, one.messages);
          } else if (published > 0) {
            const stored = entries(Math.max(1, published - one.limit + 1), published);
            const page = cache.newest(1, published, one.limit, after);
            if (page === undefined) cache.keep(1, stored, one.limit);
            else expect(page).toEqual(stored);
          }
          expect(cache.size).toBeLessThanOrEqual(max);
        }
      },
    ),
  );
});
