/**
 * The row ledger of a database node (`ledger/rows-<node>.tsv`): what it holds
 * at the end, after the drain. This file is the format: the query that makes
 * the lines, the header and the end mark around them, and the reader.
 *
 * | line | content |
 * |---|---|
 * | first | `{"schema":"holdfast.rows/1","run":…,"node":…}` |
 * | one a row | `key⇥channel⇥sequence⇥author⇥bodyHash⇥createdAtMs`, ordered by channel and sequence |
 * | last | `{"end":true,"rows":N}` |
 *
 * `bodyHash` is the first 8 hex digits of the body's MD5: enough to see that a
 * body is another, small enough for a million rows; it is no protection
 * against somebody who wants to deceive. Without the end mark the file was cut
 * short, and nothing is concluded from what it lacks.
 *
 * Healthy nodes hold the same rows, so a file whose rows are byte for byte
 * those of a file read before shares its table and is not parsed again.
 *
 * Limits: a file is read whole (60 bytes a row; at most 2 GiB).
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { collectProblems } from './problems.ts';
import { parseRows, type KeySpace, type RowTable } from './row-table.ts';

export const ROW_LEDGER_SCHEMA = 'holdfast.rows/1';

/** Run on a node, its output goes between header and end mark as it is. */
export const rowLedgerQuery = `COPY (
  SELECT key, channel, sequence, author, left(md5(body), 8),
         floor(extract(epoch FROM created_at) * 1000)::bigint
  FROM messages ORDER BY channel, sequence, key
) TO STDOUT`;

/** First line, newline included. */
export const rowLedgerHeader = (run: string, node: string): string =>
  `${JSON.stringify({ schema: ROW_LEDGER_SCHEMA, run, node })}\n`;

/** Last line, newline included; `rows` as counted while they were written. */
export const rowLedgerEnd = (rows: number): string => `${JSON.stringify({ end: true, rows })}\n`;

const headerSchema = z.object({
  schema: z.literal(ROW_LEDGER_SCHEMA),
  run: z.string(),
  node: z.string(),
});
const endSchema = z.object({ end: z.literal(true), rows: z.number().int().min(0) });

export interface RowLedger {
  readonly node: string;
  /** Of which it is a member: it holds the channels of this one, and no others. */
  readonly database: number;
  readonly file: string;
  /** As its header says; empty when it has none. */
  readonly run: string;
  /** Whole, with its end mark, every line readable: absence in it means something. */
  readonly complete: boolean;
  readonly problems: readonly string[];
  readonly table: RowTable;
}

export type DatabaseNode = Pick<RowLedger, 'node' | 'database'>;

export interface RowLedgerReader {
  read(path: string, node: DatabaseNode): RowLedger;
  /** The same for a file's bytes; `file` is what its problems are told under. */
  parse(bytes: Buffer, file: string, node: DatabaseNode): RowLedger;
}

const NEWLINE = 0x0a;

export function rowLedgerReader(keys: KeySpace): RowLedgerReader {
  /** By database: the first whole file. */
  const firsts = new Map<number, { readonly rows: Buffer; readonly table: RowTable }>();

  function parse(bytes: Buffer, file: string, { node, database }: DatabaseNode): RowLedger {
    const problems = collectProblems();
    const rowsFrom = bytes.indexOf(NEWLINE) + 1;
    const rowsTo = bytes.lastIndexOf(NEWLINE, bytes.length - 2) + 1;
    const header = parseJson(headerSchema, bytes.toString('utf8', 0, rowsFrom));
    const end = parseJson(endSchema, bytes.toString('utf8', Math.max(rowsFrom, rowsTo)));
    if (header?.node !== node) problems.add(`${file}:1 is not the header of ${node}'s row ledger`);
    const ended = end !== null && bytes.at(-1) === NEWLINE;
    if (!ended) problems.add(`${file} has no end mark: it was cut short`);
    // Without an end mark the last line may be torn; everything before it is a row.
    const rows = bytes.subarray(rowsFrom, Math.max(rowsFrom, rowsTo));
    const first = firsts.get(database);
    const shared = first !== undefined && first.rows.equals(rows) ? first.table : undefined;
    const table = shared ?? parseRows(rows, file, keys, problems);
    if (first === undefined && problems.list().length === 0) firsts.set(database, { rows, table });
    if (ended && end.rows !== table.rows) {
      problems.add(`${file} promises ${end.rows} rows and holds ${table.rows}`);
    }
    const list = problems.list();
    return {
      node,
      database,
      file,
      run: header?.run ?? '',
      complete: list.length === 0,
      problems: list,
      table,
    };
  }

  /** Of a file whose bytes are not needed any more: memory that is new has to be cleared first. */
  let spare: Buffer | undefined;

  function read(path: string, node: DatabaseNode): RowLedger {
    const { buffer, bytes } = readWhole(path, spare);
    const ledger = parse(bytes, basename(path), node);
    const isKept = [...firsts.values()].some(({ rows }) => rows.buffer === buffer.buffer);
    spare = isKept ? undefined : buffer;
    return ledger;
  }

  return { read, parse };
}

/** The file's bytes, in `spare` if it is large enough, and the buffer they lie in. */
function readWhole(path: string, spare: Buffer | undefined) {
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const buffer =
      spare !== undefined && spare.length >= size ? spare : Buffer.allocUnsafeSlow(size);
    let filled = 0;
    while (filled < size) {
      const got = readSync(file, buffer, filled, size - filled, null);
      if (got === 0) break;
      filled += got;
    }
    return { buffer, bytes: buffer.subarray(0, filled) };
  } finally {
    closeSync(file);
  }
}

function parseJson<T>(schema: z.ZodType<T>, text: string): T | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
