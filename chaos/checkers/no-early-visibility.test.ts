import { expect, test } from 'vitest';
import { cleanHistory, emptyHistory, type History } from '../ledger/run-history.fixture.ts';
import { withLedgers } from '../ledger/written-history.fixture.ts';
import { noEarlyVisibility } from './no-early-visibility.ts';

const resultOf = (history: History) => withLedgers(history, noEarlyVisibility);

/** The last message of a channel that nobody acknowledged, seen by all its members. */
function deliveredThenLost(nodes: readonly string[]): History {
  const history = cleanHistory();
  const last = [...history.sent].sort((a, b) => b.sequence - a.sequence)[0];
  if (last === undefined) throw new Error('nothing was sent');
  last.acknowledgedMs = null;
  for (const node of nodes) {
    history.rows[node] = (history.rows[node] ?? []).filter(
      ({ channel, sequence }) => channel !== last.channel || sequence !== last.sequence,
    );
  }
  return history;
}

test('holds where every delivery has its row on every node', () => {
  expect(resultOf(cleanHistory())).toMatchObject({
    kind: 'held',
    counts: { vanishedDeliveries: 0, vanishedReads: 0 },
    examples: [],
  });
});

test('refutes what was delivered, never acknowledged, and is on no node', () => {
  const result = resultOf(deliveredThenLost(['db1', 'db2', 'db3', 'db4']));
  expect(result.kind).toBe('refuted');
  expect(result.examples[0]).toMatch(
    /^user \d+ saw \d+ of channel \d+, which is not in ledger\/rows-db1\.tsv: ledger\/clients-\d\.log:\d+$/,
  );
});

test('one node that lacks it is enough: it may be the next primary', () => {
  const result = resultOf(deliveredThenLost(['db3']));
  expect(result.kind).toBe('refuted');
  expect(result.examples[0]).toContain('rows-db3.tsv');
});

test('a message that was never acknowledged and never shown may be missing', () => {
  const history = deliveredThenLost(['db1', 'db2', 'db3', 'db4']);
  const heads = new Map<number, number>();
  for (const { channel, sequence } of history.rows['db1'] ?? []) {
    heads.set(channel, Math.max(sequence, heads.get(channel) ?? 0));
  }
  for (const each of history.received) each.ranges = [[1, heads.get(each.channel) ?? 0]];
  expect(resultOf(history).kind).toBe('held');
});

test('what a history showed must be there, too', () => {
  const history = cleanHistory({ users: 4, shards: 1 });
  history.timedLines[0]?.push([6_000, 'H 6000 1 0 0 1 1 5'], [6_001, 'H 6001 1 1 0 1 0 5']);
  expect(resultOf(history).kind).toBe('refuted');
  expect(resultOf(history).counts).toEqual({ vanishedDeliveries: 0, vanishedReads: 1 });
});

test('without complete rows it is not known, and nothing is held against an empty run', () => {
  const history = cleanHistory();
  delete history.rows['db4'];
  expect(resultOf(history).kind).toBe('unknown');
  expect(resultOf(emptyHistory()).kind).toBe('unknown');
});

test('a row at an absurd place costs no more than it is worth', () => {
  const history = cleanHistory();
  const rows = history.rows['db2'] ?? [];
  const [row] = rows;
  if (row === undefined) throw new Error('there are no rows');
  rows.push({ ...row, sequence: 2_147_483_647 });
  for (const each of history.received) {
    if (each.channel === row.channel) each.ranges.push([2_147_483_600, 2_147_483_647]);
  }
  expect(resultOf(history).kind).toBe('refuted');
});
