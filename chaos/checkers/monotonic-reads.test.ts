import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  cleanHistory,
  emptyHistory,
  historyLine,
  type History,
} from '../ledger/run-history.fixture.ts';
import { withLedgers } from '../ledger/written-history.fixture.ts';
import { monotonicReads } from './monotonic-reads.ts';

type Read = readonly [user: number, channel: number, to: number, known?: number];

/** One shard, and what its users were shown, one after the other. */
function readers(reads: readonly Read[]) {
  const history = cleanHistory({ users: 4, perUser: 2, shards: 1 });
  reads.forEach(([user, channel, to, known = 0], index) => {
    const atMs = 6_000 + index;
    const line = historyLine(history, atMs, { user, channel, to, known });
    history.timedLines[0]?.push([atMs, line]);
  });
  return history;
}

const resultOf = (history: History) => withLedgers(history, monotonicReads);

test('holds while every reader sees more or the same', () => {
  const result = resultOf(
    readers([
      [1, 7, 3],
      [1, 7, 3, 3],
      [1, 7, 9, 8],
      [1, 8, 1],
    ]),
  );
  expect(result).toMatchObject({
    kind: 'held',
    counts: { reads: 4, backwards: 0, behindDeliveries: 0, unanswered: 0 },
    examples: [],
  });
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
  expect(result).toMatchObject({ kind: 'refuted', counts: { reads: 3, backwards: 1 } });
  expect(result.examples).toEqual([
    expect.stringMatching(
      /^user 1 was shown channel 7 up to 3, and up to 9 before: ledger\/clients-0\.log:\d+$/,
    ),
  ]);
});

test('refutes a history that lacks what its reader had received live', () => {
  const result = resultOf(readers([[1, 7, 3, 4]]));
  expect(result).toMatchObject({ kind: 'refuted', counts: { backwards: 0, behindDeliveries: 1 } });
  expect(result.examples).toEqual([
    expect.stringContaining('up to 3, and up to 4 live before: ledger/clients-0.log:'),
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
  expect(resultOf(history)).toMatchObject({ kind: 'unknown', counts: { backwards: 0 } });
});

test('is not known where users should have read and were shown nothing', () => {
  const history = readers([]);
  history.readers = new Map([
    [1, 3],
    [2, 2],
  ]);
  const result = resultOf(history);
  expect(result).toMatchObject({ kind: 'unknown', counts: { reads: 0, unanswered: 5 } });
  expect(result.detail).toContain('any history shown to the 2 readers of clients-0.log');
});

test('is not tested where nobody asked for history, and in an empty run', () => {
  expect(resultOf(readers([])).kind).toBe('not-tested');
  expect(resultOf(emptyHistory()).kind).toBe('not-tested');
});

test('counts every step back, in any order of readers and channels', () => {
  const read = fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 3 }), fc.nat(9), fc.nat(9));
  fc.assert(
    fc.property(fc.array(read, { minLength: 1, maxLength: 30 }), (reads) => {
      const highestBefore = (index: number): number =>
        Math.max(
          0,
          ...reads
            .slice(0, index)
            .filter(([user, channel]) => user === reads[index]?.[0] && channel === reads[index][1])
            .map(([, , to]) => to),
        );
      const backwards = reads.filter(([, , to], index) => to < highestBefore(index)).length;
      const behindDeliveries = reads.filter(
        ([, , to, known], index) => to >= highestBefore(index) && to < known,
      ).length;
      expect(resultOf(readers(reads)).counts).toEqual({
        reads: reads.length,
        backwards,
        behindDeliveries,
        unanswered: 0,
      });
    }),
    { numRuns: 20 },
  );
});
