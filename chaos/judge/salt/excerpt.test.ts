import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createMessages, reserveMessages } from '../../ledger/messages.ts';
import { rowLedgerEnd, rowLedgerHeader, rowLedgerReader } from '../../ledger/row-ledger.ts';
import { createKeySpace, MARK_ROWS, type RowTable } from '../../ledger/row-table.ts';
import { readExcerpt, withExcerpt } from './excerpt.ts';
import { saltedRows } from './salted-rows.ts';

const USERS = 100;
const ROWS_A_CHANNEL = 7;

/** A ledger with so many rows, the keys of every tenth of another run. */
const ledgerOf = (rows: number): Buffer =>
  Buffer.from(
    [
      rowLedgerHeader('run', 'db1'),
      ...Array.from({ length: rows }, (_, row) => {
        const place = `${Math.floor(row / ROWS_A_CHANNEL)}\t${(row % ROWS_A_CHANNEL) + 1}`;
        const key = `${row % 10 === 9 ? 'other' : 'r1'}-${row % USERS}-${Math.floor(row / USERS)}`;
        const hash = row.toString(16).padStart(8, '0');
        return `${key}\t${place}\t${row % USERS}\t${hash}\t${1_700_000_000_000 + row}\n`;
      }),
      rowLedgerEnd(rows),
    ].join(''),
  );

const contentOf = ({ marks: _, ...table }: RowTable): Omit<RowTable, 'marks'> => table;

test('gives the table that the whole salted ledger gives, wherever the grains are', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-excerpt-'));
  const path = join(folder, 'rows.tsv');
  const someRow = fc.option(fc.nat());
  const grainsDrawn = fc.record({ removed: someRow, doubled: someRow, swapped: someRow });
  const size = fc.integer({ min: 4, max: 4 * MARK_ROWS });
  try {
    fc.assert(
      fc.property(size, grainsDrawn, (rows, drawn) => {
        const at = (row: number | null): number | null => (row === null ? null : row % rows);
        const [removed, doubled, first] = [at(drawn.removed), at(drawn.doubled), at(drawn.swapped)];
        // Four grains never share a row.
        const free = Array.from({ length: rows }, (_, step) => ((first ?? 0) + step) % rows).filter(
          (row) => row !== removed && row !== doubled,
        );
        const swapped = first === null ? null : pairOf(free);
        const grains = { removed, doubled: doubled === removed ? null : doubled, swapped };
        const bytes = ledgerOf(rows);
        writeFileSync(path, bytes);
        const messages = createMessages(USERS);
        reserveMessages(messages, Math.ceil(rows / USERS));
        const node = { node: 'db1', database: 0 };
        const reader = rowLedgerReader(createKeySpace('r1', messages));
        const { table } = reader.read(path, node);

        const excerpt = readExcerpt(path, table, grains);
        const salted = saltedRows(excerpt.bytes, excerpt.rows, excerpt.grains);
        const read = reader.parse(salted, 'rows.tsv', node);
        const whole = reader.parse(saltedRows(bytes, rows, grains), 'rows.tsv', node);
        expect(read).toMatchObject({ complete: true, problems: [] });
        expect(contentOf(withExcerpt(table, excerpt, read.table, messages))).toEqual(
          contentOf(whole.table),
        );
      }),
      { numRuns: 50 },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** The first free row and one far behind it, in order. */
function pairOf(free: readonly number[]): [number, number] {
  const [one = 0, other = 0] = [free[0], free[Math.floor(free.length / 2)]];
  return one < other ? [one, other] : [other, one];
}
