/**
 * The part of a row ledger around some of its rows, and the way back: salted,
 * read again by the ledgers' own reader, and put into the node's table in place
 * of what was there. All other rows are taken over as they were read; reading a
 * million of them once more would take as long as the checkers that are tried.
 *
 * A part is whole stretches between marks (`MARK_ROWS`), so a row that is salted
 * is read among its neighbours. What comes out is the table that the whole
 * salted file would have given (`excerpt.test.ts`).
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Messages } from '../../ledger/messages.ts';
import { createColumns, finishColumns } from '../../ledger/row-columns.ts';
import { rowLedgerEnd } from '../../ledger/row-ledger.ts';
import { MARK_ROWS, type RowTable } from '../../ledger/row-table.ts';
import type { Grains } from './grains.ts';

type Salted = Pick<Grains, 'removed' | 'doubled' | 'swapped'>;

/** Rows [from, to) of the whole ledger. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface Excerpt {
  /** A row ledger of its own: the header, the rows of the stretches, an end mark. */
  readonly bytes: Buffer;
  readonly rows: number;
  /** The grains by the excerpt's own rows. */
  readonly grains: Salted;
  readonly stretches: readonly Stretch[];
}

const NEWLINE = 0x0a;
/** A header is a few hundred bytes. */
const HEADER_BYTES_MAX = 1 << 16;

/** `path`: the complete row ledger that `table` was read from, or one with the same rows. */
export function readExcerpt(path: string, table: RowTable, grains: Salted): Excerpt {
  const { removed, doubled, swapped } = grains;
  const stretches = stretchesAround(
    table,
    [removed, doubled, ...(swapped ?? [])].filter((row) => row !== null),
  );
  const file = openSync(path, 'r');
  try {
    const head = readBytes(file, 0, HEADER_BYTES_MAX);
    const header = head.subarray(0, head.indexOf(NEWLINE) + 1);
    const parts = stretches.map((stretch) => readStretch(file, header.length, table, stretch));
    const rows = stretches.reduce((sum, { from, to }) => sum + to - from, 0);
    const own = (row: number | null): number | null =>
      row === null ? null : ownRow(stretches, row);
    return {
      bytes: Buffer.concat([header, ...parts, Buffer.from(rowLedgerEnd(rows))]),
      rows,
      grains: {
        removed: own(removed),
        doubled: own(doubled),
        swapped:
          swapped === null ? null : [ownRow(stretches, swapped[0]), ownRow(stretches, swapped[1])],
      },
      stretches,
    };
  } finally {
    closeSync(file);
  }
}

/** The table with the excerpt's rows, as they were read after salting, in their place. */
export function withExcerpt(
  table: RowTable,
  { stretches, grains: { removed, doubled } }: Excerpt,
  salted: RowTable,
  messages: Messages,
): RowTable {
  const columns = createColumns(table.rows + 1);
  let rows = 0;
  const append = (from: RowTable, first: number, end: number): void => {
    columns.key.set(from.key.subarray(first, end), rows);
    columns.channel.set(from.channel.subarray(first, end), rows);
    columns.sequence.set(from.sequence.subarray(first, end), rows);
    columns.author.set(from.author.subarray(first, end), rows);
    columns.bodyHash.set(from.bodyHash.subarray(first, end), rows);
    columns.createdAtMs.set(from.createdAtMs.subarray(first, end), rows);
    rows += end - first;
  };
  // Rows before these are in place already: of the table, and of the excerpt as it was and as it is.
  let [kept, own, read] = [0, 0, 0];
  for (const { from, to } of stretches) {
    append(table, kept, from);
    const ownEnd = own + to - from;
    const isIn = (row: number | null): number =>
      row !== null && row >= own && row < ownEnd ? 1 : 0;
    const readEnd = read + to - from - isIn(removed) + isIn(doubled);
    append(salted, read, readEnd);
    [kept, own, read] = [to, ownEnd, readEnd];
  }
  append(table, kept, table.rows);
  return finishColumns(columns, rows, messages, []);
}

/** In order, without any twice. */
function stretchesAround(table: RowTable, rows: readonly number[]): readonly Stretch[] {
  const marks = new Set(rows.map((row) => Math.floor(row / MARK_ROWS)));
  return [...marks]
    .sort((left, right) => left - right)
    .map((mark) => ({
      from: mark * MARK_ROWS,
      to: Math.min((mark + 1) * MARK_ROWS, table.rows),
    }));
}

/** Which row of the excerpt this row of the ledger is; it is in one of the stretches. */
function ownRow(stretches: readonly Stretch[], row: number): number {
  let before = 0;
  for (const { from, to } of stretches) {
    if (row < to) return before + row - from;
    before += to - from;
  }
  return before;
}

function readStretch(
  file: number,
  headerBytes: number,
  { marks }: RowTable,
  { from, to }: Stretch,
): Buffer {
  const begin = marks[from / MARK_ROWS] ?? 0;
  const end = marks[to / MARK_ROWS];
  if (end !== undefined) return readBytes(file, headerBytes + begin, end - begin);
  // The last one: from its beginning to the end mark.
  const rest = readBytes(file, headerBytes + begin, fstatSync(file).size - headerBytes - begin);
  return rest.subarray(0, rest.lastIndexOf(NEWLINE, rest.length - 2) + 1);
}

/** As many as there are, `length` at most. */
function readBytes(file: number, from: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const got = readSync(file, bytes, filled, length - filled, from + filled);
    if (got === 0) break;
    filled += got;
  }
  return bytes.subarray(0, filled);
}
