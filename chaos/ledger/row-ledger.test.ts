import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rowLedgerFile } from '../run-directory.ts';
import { cleanHistory, type Row } from './run-history.fixture.ts';
import { ledgersOf, withLedgers, withRun } from './written-history.fixture.ts';
import { keyText } from './row-table.ts';

const PATH = rowLedgerFile('db2');

test('reads every row as it was written, in the order of places', () => {
  const history = cleanHistory();
  withLedgers(history, ({ rows, keys, rowProblems }) => {
    const table = rows[1]?.table;
    expect(rowProblems).toEqual([]);
    expect(rows.map(({ node, complete }) => [node, complete])).toEqual(
      history.nodes.map((node) => [node, true]),
    );
    const written = [...(history.rows['db2'] ?? [])].sort(
      (a, b) => a.channel - b.channel || a.sequence - b.sequence,
    );
    const read = written.map((_, row) => ({
      key: keyText(keys, table?.key[row] ?? 0),
      channel: table?.channel[row],
      sequence: table?.sequence[row],
      author: table?.author[row],
      createdAtMs: table?.createdAtMs[row],
    }));
    expect(table?.rows).toBe(written.length);
    expect(read).toEqual(written.map(withoutBody));
  });
});

test('parses equal nodes once', () => {
  withLedgers(cleanHistory(), ({ rows }) => {
    expect(new Set(rows.map(({ table }) => table)).size).toBe(1);
  });
});

const withoutBody = ({ key, channel, sequence, author, createdAtMs }: Row) => ({
  key,
  channel,
  sequence,
  author,
  createdAtMs,
});

type Change = (text: string) => string;

test.each<[string, Change, string]>([
  ['cut short after a line', (text) => text.replace(/\{"end".*\n$/, ''), 'has no end mark'],
  ['cut short in a line', (text) => text.slice(0, -40), 'has no end mark'],
  ['cut short in the end mark', (text) => text.slice(0, -1), 'has no end mark'],
  ['empty', () => '', 'has no end mark'],
  [
    "another node's",
    (text) => text.replace('"node":"db2"', '"node":"db3"'),
    "is not the header of db2's row ledger",
  ],
  [
    'short of a row',
    (text) => text.replace(/\nr1-0-0\t.*\n/, '\n'),
    'promises 48 rows and holds 47',
  ],
  ['malformed', (text) => text.replace(/\nr1-0-0\t/, '\nr1-0-0 '), 'is malformed: "r1-0-0 '],
  ['without a hash', (text) => text.replace(/\t[0-9a-f]{8}\t/, '\tnonsense\t'), 'is malformed'],
  [
    'out of order',
    (text) => text.replace(/^(.*)\n(.*)\n(.*)\n/, '$1\n$3\n$2\n'),
    'is out of order',
  ],
])('does not call a ledger complete that is %s', async (_, change, problem) => {
  const history = cleanHistory();
  await withRun(history, async (run) => {
    writeFileSync(join(run, PATH), change(readFileSync(join(run, PATH), 'utf8')));
    const { rows, rowProblems } = ledgersOf(run, history);
    expect(rows.map(({ complete }) => complete)).toEqual([true, false, true, true]);
    expect(rowProblems.join()).toContain(problem);
  });
});
