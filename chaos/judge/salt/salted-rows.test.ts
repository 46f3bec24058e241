import { expect, test } from 'vitest';
import { rowLedgerEnd, rowLedgerHeader } from '../../ledger/row-ledger.ts';
import { saltedRows } from './salted-rows.ts';

const ROWS = [
  'a\t1\t1\t7\th1\t10',
  'b\t1\t2\t8\th2\t20',
  'c\t1\t3\t7\th3\t30',
  'd\t2\t1\t9\th4\t40',
];
const file = (rows: readonly string[]): string =>
  `${rowLedgerHeader('run', 'db1')}${rows.map((row) => `${row}\n`).join('')}${rowLedgerEnd(rows.length)}`;

const NOTHING = { removed: null, doubled: null, swapped: null };

test('removes, doubles and swaps exactly the rows it is told, and keeps the places', () => {
  const salted = saltedRows(Buffer.from(file(ROWS)), 4, {
    removed: 1,
    doubled: 3,
    swapped: [0, 2],
  });
  expect(salted.toString()).toBe(
    file(['c\t1\t1\t7\th3\t30', 'a\t1\t3\t7\th1\t10', 'd\t2\t1\t9\th4\t40', 'd\t2\t1\t9\th4\t40']),
  );
});

test('the end mark counts what is left', () => {
  const removed = saltedRows(Buffer.from(file(ROWS)), 4, { ...NOTHING, removed: 0 });
  expect(removed.toString()).toBe(file(ROWS.slice(1)));
});

test('without anything to put in, nothing changes, not even in an empty ledger', () => {
  expect(saltedRows(Buffer.from(file(ROWS)), 4, NOTHING).toString()).toBe(file(ROWS));
  expect(saltedRows(Buffer.from(file([])), 0, NOTHING).toString()).toBe(file([]));
});
