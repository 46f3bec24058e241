import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  cleanHistory,
  emptyHistory,
  withLedgers,
  type History,
} from '../ledger/run-history.fixture.ts';
import { monotonicReads } from './monotonic-reads.ts';

/** One shard, and what its users were shown, one after the other. */
function readers(reads: readonly (readonly [user: number, channel: number, sequence: number])[]) {
  const history = cleanHistory({ users: 4, perUser: 2, shards: 1 });
  reads.forEach(([user, channel, sequence], index) => {
    const atMs = 6_000 + index;
    history.timedLines[0]?.push([atMs, `H ${atMs} ${user} ${channel} ${sequence}`]);
  });
  return history;
}

const resultOf = (history: History) => withLedgers(history, monotonicReads);

test('holds while every reader sees more or the same', () => {
  const result = resultOf(
    readers([
      [1, 7, 3],
      [1, 7, 3],
      [1, 7, 9],
      [1, 8, 1],
    ]),
  );
  expect(result).toMatchObject({ kind: 'held', counts: { reads: 4, staleReads: 0 }, examples: [] });
});

test('another reader may lag: only going back is refuted', () => {
  expect(
    resultOf(
      readers([
        [1, 7, 9],
        [2, 7, 3],
      ]),
    ).kind,
  ).toBe('held');
});

test('refutes a reader who is taken back in time, with both places and the line', () => {
  const result = resultOf(
    readers([
      [1, 7, 9],
      [1, 7, 3],
      [1, 7, 9],
    ]),
  );
  expect(result).toMatchObject({ kind: 'refuted', counts: { reads: 3, staleReads: 1 } });
  expect(result.examples).toEqual([
    expect.stringMatching(
      /^user 1 was shown channel 7 up to 3, and up to 9 before: ledger\/clients-0\.log:\d+$/,
    ),
  ]);
});

test('a reader who is shown nothing after something was taken back in time', () => {
  expect(
    resultOf(
      readers([
        [1, 7, 1],
        [1, 7, 0],
      ]),
    ).kind,
  ).toBe('refuted');
});

test('is not known while a part of the client ledgers is missing', () => {
  const history = readers([[1, 7, 3]]);
  history.unfinished = [0];
  expect(resultOf(history)).toMatchObject({ kind: 'unknown', counts: { staleReads: 0 } });
});

test('is not tested where nobody asked for history, and in an empty run', () => {
  expect(resultOf(readers([])).kind).toBe('not-tested');
  expect(resultOf(emptyHistory()).kind).toBe('not-tested');
});

test('counts every step back, in any order of readers and channels', () => {
  const read = fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 3 }), fc.nat(9));
  fc.assert(
    fc.property(fc.array(read, { minLength: 1, maxLength: 30 }), (reads) => {
      const stale = reads.filter(([user, channel, sequence], index) =>
        reads
          .slice(0, index)
          .some((each) => each[0] === user && each[1] === channel && each[2] > sequence),
      ).length;
      expect(resultOf(readers(reads)).counts).toEqual({ reads: reads.length, staleReads: stale });
    }),
    { numRuns: 20 },
  );
});
