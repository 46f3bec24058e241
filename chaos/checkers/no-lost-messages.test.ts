import { expect, test } from 'vitest';
import { cleanHistory, emptyHistory } from '../ledger/run-history.fixture.ts';
import { withLedgers } from '../ledger/written-history.fixture.ts';
import { noLostMessages } from './no-lost-messages.ts';

const TITLE = 'Every acknowledged message is on every database node, where its sender was told';

test('holds when every acknowledged message is on every node', () => {
  expect(withLedgers(cleanHistory(), (ledgers) => noLostMessages(ledgers))).toEqual({
    id: 'lost',
    title: TITLE,
    kind: 'held',
    counts: { lost: 0, missing: 0, moved: 0 },
    examples: [],
    detail: 'Counted in messages, however many nodes lack them.',
  });
});

test('reports a message that is missing on one of four nodes, with its place in the ledger', () => {
  const history = cleanHistory({ shards: 1 });
  history.rows['db3'] = (history.rows['db3'] ?? []).filter(({ key }) => key !== 'r1-2-1');
  const message = history.sent.find(({ user, n }) => user === 2 && n === 1);
  const result = withLedgers(history, (ledgers) => noLostMessages(ledgers));
  expect(result).toMatchObject({
    kind: 'refuted',
    counts: { lost: 1, missing: 1, moved: 0 },
    examples: [
      expect.stringMatching(/^r1-2-1 \(.*, ledger\/clients-0\.log:\d+\) is missing on db3$/),
    ],
  });
  expect(result.examples[0]).toContain(
    `acknowledged as ${message?.sequence} in channel ${message?.channel}`,
  );
});

test('counts a message once, however many nodes lack it', () => {
  const history = cleanHistory();
  for (const node of history.nodes) history.rows[node]?.splice(0, 1);
  expect(withLedgers(history, (ledgers) => noLostMessages(ledgers))).toMatchObject({
    kind: 'refuted',
    counts: { lost: 1, missing: 1, moved: 0 },
    examples: [expect.stringContaining('is missing on db1, db2, db3, db4')],
  });
});

test('reports a message that stands at another sequence than its sender was told', () => {
  const history = cleanHistory();
  const message = history.sent[0];
  if (message !== undefined) message.sequence += 1_000;
  expect(withLedgers(history, (ledgers) => noLostMessages(ledgers))).toMatchObject({
    kind: 'refuted',
    counts: { lost: 1, missing: 0, moved: 1 },
    examples: [expect.stringContaining('stands elsewhere at ledger/rows-db1.tsv:')],
  });
});

test('does not call a message lost that stands where it should and once more elsewhere', () => {
  const history = cleanHistory();
  for (const node of history.nodes) {
    const row = history.rows[node]?.[0];
    if (row !== undefined) history.rows[node]?.push({ ...row, channel: 0 });
  }
  expect(withLedgers(history, (ledgers) => noLostMessages(ledgers)).kind).toBe('held');
});

test('owes nothing to a message that was never acknowledged', () => {
  const history = cleanHistory();
  const message = history.sent[3];
  if (message !== undefined) message.acknowledgedMs = null;
  for (const node of history.nodes) history.rows[node]?.splice(3, 1);
  expect(withLedgers(history, (ledgers) => noLostMessages(ledgers)).kind).toBe('held');
});

test('does not know when the rows of a node were not read', () => {
  const history = cleanHistory();
  delete history.rows['db2'];
  expect(withLedgers(history, (ledgers) => noLostMessages(ledgers))).toEqual({
    id: 'lost',
    title: TITLE,
    kind: 'unknown',
    counts: { lost: 0, missing: 0, moved: 0 },
    examples: [],
    detail: 'Counted in messages, however many nodes lack them. Missing: complete rows of db2.',
  });
});

test('knows of a loss although the rows of another node were not read', () => {
  const history = cleanHistory();
  delete history.rows['db2'];
  history.rows['db1']?.splice(0, 1);
  expect(withLedgers(history, (ledgers) => noLostMessages(ledgers)).kind).toBe('refuted');
});

test('does not know anything of an empty run', () => {
  const result = withLedgers(emptyHistory(), (ledgers) => noLostMessages(ledgers));
  expect(result).toMatchObject({ kind: 'unknown', counts: { lost: 0 }, examples: [] });
});
