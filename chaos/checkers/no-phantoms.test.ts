import { expect, test } from 'vitest';
import {
  cleanHistory,
  emptyHistory,
  type History,
  type Row,
} from '../ledger/run-history.fixture.ts';
import { withLedgers } from '../ledger/written-history.fixture.ts';
import { noPhantoms } from './no-phantoms.ts';

const CLEAN = { phantom: 0, foreign: 0, unsent: 0, author: 0, channel: 0, body: 0, unproven: 0 };

const onEveryNode = (history: History, change: (rows: Row[]) => void): void =>
  Object.values(history.rows).forEach(change);

test('holds when every row was sent as it is stored', () => {
  expect(withLedgers(cleanHistory(), noPhantoms)).toEqual({
    id: 'phantom',
    title: 'Nothing is stored that nobody sent',
    kind: 'held',
    counts: CLEAN,
    examples: [],
    detail: 'Counted in keys, by the first flaw found.',
  });
});

const OTHER = { channel: 9_999, sequence: 1, author: 0, body: 'x', createdAtMs: 1 };

test.each([
  ['foreign', 'has a key that no user of this run could send', { ...OTHER, key: 'r2-0-0' }],
  ['foreign', 'has a key that no user of this run could send', { ...OTHER, key: 'r1-0-00' }],
  ['foreign', 'has a key that no user of this run could send', { ...OTHER, key: 'r1-99-0' }],
])('reports a row whose key is %s', (flaw, words, row) => {
  const history = cleanHistory();
  onEveryNode(history, (rows) => rows.push({ ...row }));
  expect(withLedgers(history, noPhantoms)).toMatchObject({
    kind: 'refuted',
    counts: { ...CLEAN, phantom: 1, [flaw]: 1 },
    examples: [expect.stringContaining(`${row.key} ${words}: ledger/rows-db1.tsv:`)],
  });
});

test.each([
  ['author', (row: Row): void => void (row.author += 1)],
  ['channel', (row: Row): void => void (row.channel = 9_999)],
  ['body', (row: Row): void => void (row.body += '!')],
] as const)('reports a row with another %s than was sent', (flaw, change) => {
  const history = cleanHistory();
  onEveryNode(history, (rows) => rows[0] !== undefined && change(rows[0]));
  expect(withLedgers(history, noPhantoms)).toMatchObject({
    kind: 'refuted',
    counts: { ...CLEAN, phantom: 1, [flaw]: 1 },
  });
});

test('reports a row that only one node holds', () => {
  const history = cleanHistory();
  history.rows['db4']?.push({ ...OTHER, key: 'whatever' });
  expect(withLedgers(history, noPhantoms)).toMatchObject({
    counts: { ...CLEAN, phantom: 1, foreign: 1 },
    examples: [expect.stringContaining('ledger/rows-db4.tsv:')],
  });
});

test('reports a row of a message that was never sent, but only knows it from whole ledgers', () => {
  const history = cleanHistory({ shards: 1 });
  history.sent.splice(2, 1);
  expect(withLedgers(history, noPhantoms)).toMatchObject({
    kind: 'refuted',
    counts: { ...CLEAN, phantom: 1, unsent: 1 },
    examples: [expect.stringContaining('r1-0-2 was never sent')],
  });
  history.unfinished.push(0);
  expect(withLedgers(history, noPhantoms)).toMatchObject({
    kind: 'unknown',
    counts: { ...CLEAN, unproven: 1 },
    detail: expect.stringContaining('the end of clients-0.log'),
  });
});

test('an ambiguous send that is stored is no phantom', () => {
  const history = cleanHistory();
  if (history.sent[0] !== undefined) history.sent[0].acknowledgedMs = null;
  expect(withLedgers(history, noPhantoms).kind).toBe('held');
});

test('does not know anything of an empty run', () => {
  expect(withLedgers(emptyHistory(), noPhantoms)).toMatchObject({ kind: 'unknown', counts: CLEAN });
});
