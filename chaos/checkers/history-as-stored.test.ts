import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  cleanHistory,
  emptyHistory,
  historyLine,
  type History,
  type Row,
  type Shown,
} from '../ledger/run-history.fixture.ts';
import { withLedgers } from '../ledger/written-history.fixture.ts';
import { historyAsStored } from './history-as-stored.ts';

/** A channel with more messages than a page has. */
const BUSY = { users: 4, perUser: 30, shards: 1 } as const;

function longest(history: History): { readonly channel: number; readonly head: number } {
  const heads = new Map<number, number>();
  for (const { channel, sequence } of history.sent) {
    heads.set(channel, Math.max(sequence, heads.get(channel) ?? 0));
  }
  const [channel, head] = [...heads].reduce((best, each) => (each[1] > best[1] ? each : best));
  return { channel, head };
}

function show(history: History, shown: Partial<Shown> = {}): History {
  const { channel, head } = longest(history);
  const line = historyLine(history, 6_000, { user: 1, channel, to: head, ...shown });
  history.timedLines[0]?.push([6_000, line]);
  return history;
}

const resultOf = (history: History) => withLedgers(history, historyAsStored);

test('holds for pages as the nodes hold them, whole, short and empty ones', () => {
  const history = show(cleanHistory(BUSY));
  show(history, { to: 3 });
  show(history, { to: 0 });
  expect(resultOf(history)).toMatchObject({
    kind: 'held',
    counts: { reads: 3, messages: 13, differing: 0, cut: 0 },
    examples: [],
  });
});

const changes: readonly (readonly [string, (page: Row[]) => Row[]])[] = [
  ['another text', (page) => page.map((row, at) => (at === 4 ? { ...row, body: 'no' } : row))],
  ['another author', (page) => page.map((row, at) => (at === 4 ? { ...row, author: 99 } : row))],
  ['another key', (page) => page.map((row, at) => (at === 4 ? { ...row, key: 'k' } : row))],
  ['a message less', (page) => page.filter((_, at) => at !== 4)],
  ['a message twice', (page) => page.flatMap((row, at) => (at === 4 ? [row, row] : [row]))],
  ['its messages turned round', (page) => page.toReversed()],
];

test.each(changes)('refutes a page with %s, and says where', (_, change) => {
  const result = resultOf(show(cleanHistory(BUSY), { change }));
  expect(result).toMatchObject({ kind: 'refuted', counts: { reads: 1, differing: 1 } });
  expect(result.examples).toEqual([
    expect.stringMatching(
      /^user 1 was shown channel \d+ from \d+ to \d+ otherwise than in ledger\/rows-db1\.tsv: ledger\/clients-0\.log:\d+$/,
    ),
  ]);
});

test('refutes a page that is on the first node only', () => {
  const history = show(cleanHistory(BUSY));
  const { channel, head } = longest(history);
  const row = history.rows['db3']?.find(
    (each) => each.channel === channel && each.sequence === head,
  );
  if (row !== undefined) row.body = 'something else';
  expect(resultOf(history).examples[0]).toContain('otherwise than in ledger/rows-db3.tsv');
});

test('refutes a page without its beginning', () => {
  const result = resultOf(show(cleanHistory(BUSY), { change: (page) => page.slice(2) }));
  expect(result).toMatchObject({ kind: 'refuted', counts: { differing: 0, cut: 1 } });
});

test('is not known while the rows of a node are missing', () => {
  const history = show(cleanHistory(BUSY));
  delete history.rows['db2'];
  expect(resultOf(history).kind).toBe('unknown');
});

test('is not tested where nobody asked for history, and in an empty run', () => {
  expect(resultOf(cleanHistory(BUSY)).kind).toBe('not-tested');
  expect(resultOf(emptyHistory()).kind).toBe('not-tested');
});

test('any one message of a page that is not as stored is found', () => {
  fc.assert(
    fc.property(fc.nat(9), fc.string({ minLength: 1, maxLength: 40 }), (place, body) => {
      const history = cleanHistory(BUSY);
      const change = (page: Row[]): Row[] =>
        page.map((row, at) => (at === place ? { ...row, body } : row));
      expect(resultOf(show(history, { change })).kind).toBe('refuted');
    }),
    { numRuns: 20 },
  );
});
