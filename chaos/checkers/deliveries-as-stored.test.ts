import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  cleanHistory,
  emptyHistory,
  type History,
  type Row,
} from '../ledger/run-history.fixture.ts';
import { withLedgers } from '../ledger/written-history.fixture.ts';
import { deliveriesAsStored } from './deliveries-as-stored.ts';

/** So few that everybody listens. */
const SMALL = { users: 6, perUser: 8, shards: 2 } as const;

const resultOf = (history: History) => withLedgers(history, deliveriesAsStored);

/** User 2 is shown its fifth delivery otherwise. */
function changed(change: (row: Row) => Row): History {
  const history = cleanHistory(SMALL);
  let deliveries = 0;
  history.heard = (user, row) => (user === 2 && ++deliveries === 5 ? change(row) : row);
  return history;
}

test('holds where every listener was shown what all nodes hold', () => {
  const history = cleanHistory(SMALL);
  const deliveries = history.received.reduce(
    (sum, { ranges }) => sum + ranges.reduce((all, [from, to]) => all + to - from + 1, 0),
    0,
  );
  expect(resultOf(history)).toMatchObject({
    kind: 'held',
    counts: { listeners: history.received.length, deliveries, differing: 0 },
    examples: [],
  });
});

test('holds for what a listener did not receive: that is another checker’s', () => {
  const history = cleanHistory(SMALL);
  const longest = history.received.toSorted(
    (a, b) => (b.ranges[0]?.[1] ?? 0) - (a.ranges[0]?.[1] ?? 0),
  )[0];
  const [, head] = longest?.ranges[0] ?? [1, 0];
  if (longest !== undefined) {
    longest.ranges = [
      [1, 2],
      [4, head],
    ];
  }
  expect(resultOf(history).kind).toBe('held');
});

test.each<readonly [string, (row: Row) => Row]>([
  ['another text', (row) => ({ ...row, body: `${row.body}.` })],
  ['another author', (row) => ({ ...row, author: row.author + 1 })],
  ['the key of another message', (row) => ({ ...row, key: `${row.key}0` })],
  ['a key of nobody', (row) => ({ ...row, key: 'nobody' })],
])('refutes a delivery with %s, and says where', (_, change) => {
  const result = resultOf(changed(change));
  expect(result).toMatchObject({ kind: 'refuted', counts: { differing: 1 } });
  expect(result.examples).toEqual([
    expect.stringMatching(
      /^user 2 was shown channel \d+ otherwise than in ledger\/rows-db1\.tsv: ledger\/clients-0\.log:\d+$/,
    ),
  ]);
});

test('refutes two messages of which each was shown in the place of the other', () => {
  const history = cleanHistory(SMALL);
  const rows = history.rows['db1'] ?? [];
  const channel = history.received.find(({ ranges }) => (ranges[0]?.[1] ?? 0) >= 2)?.channel;
  const [first, second] = [1, 2].map((sequence) =>
    rows.find((row) => row.channel === channel && row.sequence === sequence),
  );
  history.heard = (_, row) =>
    (row === first ? second : undefined) ?? (row === second ? first : undefined) ?? row;
  expect(resultOf(history).kind).toBe('refuted');
});

test('refutes what is on the first node only', () => {
  const history = cleanHistory(SMALL);
  const row = history.rows['db3']?.[4];
  if (row !== undefined) row.body = 'something else';
  expect(resultOf(history).examples[0]).toContain('otherwise than in ledger/rows-db3.tsv');
});

test('says nothing of a place that a node does not hold once', () => {
  const history = cleanHistory(SMALL);
  history.rows['db3']?.splice(4, 1);
  expect(resultOf(history).kind).toBe('held');
});

test('is not known while rows, the end of a shard or the lines of listeners are missing', () => {
  const withoutRows = cleanHistory(SMALL);
  delete withoutRows.rows['db2'];
  expect(resultOf(withoutRows).kind).toBe('unknown');
  const withoutEnd = cleanHistory(SMALL);
  withoutEnd.unfinished.push(1);
  expect(resultOf(withoutEnd).kind).toBe('unknown');
  const withoutLines = cleanHistory(SMALL);
  withoutLines.heard = undefined;
  expect(resultOf(withoutLines)).toMatchObject({
    kind: 'unknown',
    detail: expect.stringContaining('lines of listeners in clients-0.log'),
  });
});

test('is not tested in an empty run', () => {
  expect(resultOf(emptyHistory()).kind).toBe('not-tested');
});

test('any one delivery to any listener that is not as stored is found', () => {
  fc.assert(
    fc.property(fc.nat(), fc.string({ minLength: 1, maxLength: 40 }), (place, text) => {
      const history = cleanHistory(SMALL);
      const all = history.received.reduce((sum, { ranges }) => sum + (ranges[0]?.[1] ?? 0), 0);
      let deliveries = 0;
      history.heard = (_, row) =>
        deliveries++ === place % all ? { ...row, body: row.body + text } : row;
      expect(resultOf(history)).toMatchObject({ kind: 'refuted', counts: { differing: 1 } });
    }),
    { numRuns: 20 },
  );
});
