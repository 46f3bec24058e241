import { expect, test } from 'vitest';
import { cleanHistory, emptyHistory } from '../ledger/run-history.fixture.ts';
import { withLedgers } from '../ledger/written-history.fixture.ts';
import { noDuplicates } from './no-duplicates.ts';

test('holds when every key and every place occurs once', () => {
  expect(withLedgers(cleanHistory(), noDuplicates)).toEqual({
    id: 'duplicated',
    title: 'No message is stored twice, and no place in a channel is taken twice',
    kind: 'held',
    counts: { duplicated: 0, keys: 0, places: 0 },
    examples: [],
    detail: 'Counted in keys and in places, however many nodes hold them twice.',
  });
});

test('reports a key with two rows', () => {
  const history = cleanHistory();
  const row = history.rows['db1']?.[0];
  if (row !== undefined) history.rows['db1']?.push({ ...row, channel: 9_999, sequence: 1 });
  expect(withLedgers(history, noDuplicates)).toMatchObject({
    kind: 'refuted',
    counts: { duplicated: 1, keys: 1, places: 0 },
    examples: [
      expect.stringMatching(/^key r1-0-0 stands at ledger\/rows-db1\.tsv:\d+ and at line \d+$/),
    ],
  });
});

test('reports a place that two messages have taken', () => {
  const history = cleanHistory();
  const row = history.rows['db4']?.[0];
  if (row !== undefined) history.rows['db4']?.push({ ...row, key: 'r1-0-99' });
  expect(withLedgers(history, noDuplicates)).toMatchObject({
    kind: 'refuted',
    counts: { duplicated: 1, keys: 0, places: 1 },
  });
});

test('sees that a key nobody sent is there twice', () => {
  const history = cleanHistory();
  const row = history.rows['db1']?.[0];
  for (const sequence of [1, 2]) {
    if (row !== undefined)
      history.rows['db1']?.push({ ...row, key: 'x', channel: 9_999, sequence });
  }
  expect(withLedgers(history, noDuplicates).counts).toEqual({ duplicated: 1, keys: 1, places: 0 });
});

test('a retry that was stored once is no duplicate', () => {
  const history = cleanHistory();
  history.sent[0]?.sentMs.push((history.sent[0].sentMs[0] ?? 0) + 5);
  expect(withLedgers(history, noDuplicates).kind).toBe('held');
});

test('does not know anything of an empty run', () => {
  expect(withLedgers(emptyHistory(), noDuplicates)).toMatchObject({
    kind: 'unknown',
    examples: [],
  });
});
