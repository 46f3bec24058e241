/**
 * The rows of a database node as a table, a column a property, in the order
 * of channel and sequence. Line `row + 2` of the node's file holds row `row`.
 *
 * A key of this run becomes its message's number (`messages.ts`); any other
 * key becomes a negative number, the same wherever that key stands. So equal
 * numbers are equal keys, on one node and across nodes.
 */
import { INTEGER_MAX, readNatural } from './integers.ts';
import type { Messages } from './messages.ts';
import type { Problems } from './problems.ts';
import { createColumns, finishColumns, growColumns, type Columns } from './row-columns.ts';
import { readUsualRow, UNUSUAL } from './usual-row.ts';

export interface RowTable {
  readonly rows: number;
  /** Message number; negative: a key that is no message of this run's users. */
  readonly key: Int32Array;
  readonly channel: Int32Array;
  readonly sequence: Int32Array;
  readonly author: Int32Array;
  /** 32 bits of the body's MD5. */
  readonly bodyHash: Int32Array;
  /** Epoch milliseconds. */
  readonly createdAtMs: Float64Array;
  /** Message number → the first row with its key plus one; 0: none. */
  readonly rowOf: Int32Array;
  /** Where every `MARK_ROWS`-th row begins, in bytes behind the header: row 0, row `MARK_ROWS`, … */
  readonly marks: readonly number[];
}

/** Seldom enough to cost nothing, often enough that what lies between two marks is read at once. */
export const MARK_ROWS = 256;

/** Which keys are messages of this run, and names for those that are not. */
export interface KeySpace {
  readonly nonce: string;
  readonly messages: Messages;
  /** Number −1 − i is the key `foreign[i]`. */
  readonly foreign: string[];
  readonly foreignNumbers: Map<string, number>;
}

export const createKeySpace = (nonce: string, messages: Messages): KeySpace => ({
  nonce,
  messages,
  foreign: [],
  foreignNumbers: new Map(),
});

const NEWLINE = 0x0a;
const TAB = 0x09;
const DASH = 0x2d;
/** Between the six columns of a row. */
const TABS = 5;
/** Bytes of a short row; only a first guess at the number of rows. */
const ROW_BYTES_GUESSED = 40;

export function parseRows(
  bytes: Buffer,
  file: string,
  keys: KeySpace,
  problems: Problems,
): RowTable {
  const columns = createColumns(Math.ceil(bytes.length / ROW_BYTES_GUESSED) + 16);
  const prefix = Buffer.from(`${keys.nonce}-`);
  const marks: number[] = [];
  let rows = 0;
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const lineStart = start;
    if (rows === columns.capacity) growColumns(columns);
    let end = readUsualRow(bytes, lineStart, prefix, keys.messages, columns, rows);
    if (end === UNUSUAL) {
      const plain = parsePlainRow(bytes, lineStart, prefix, keys, columns, rows);
      end = plain.end;
      if (!plain.isRow) {
        problems.add(`${file}:${line + 1} is malformed: "${clip(bytes, lineStart, end)}"`);
        start = end + 1;
        continue;
      }
    }
    if (rows > 0 && !inOrder(columns, rows)) {
      problems.add(`${file}:${line + 1} is out of order: "${clip(bytes, lineStart, end)}"`);
    }
    if (rows % MARK_ROWS === 0) marks.push(lineStart);
    start = end + 1;
    rows++;
  }
  return finishColumns(columns, rows, keys.messages, marks);
}

/** Any line: where it ends, and whether it is a row. Fills row `row` of all columns. */
export function parsePlainRow(
  bytes: Buffer,
  start: number,
  prefix: Buffer,
  keys: KeySpace,
  columns: Columns,
  row: number,
): { readonly end: number; readonly isRow: boolean } {
  const tabs = new Int32Array(TABS + 1);
  const end = findTabs(bytes, start, tabs);
  if (tabs[TABS] !== TABS || !putColumns(columns, row, bytes, tabs, end)) {
    return { end, isRow: false };
  }
  columns.key[row] = keyNumber(bytes, start, tabs[0] as number, prefix, keys);
  return { end, isRow: true };
}

const clip = (bytes: Buffer, start: number, end: number): string =>
  bytes.toString('utf8', start, Math.min(end, start + 80));

/**
 * The end of the line that begins at `start`. Fills the places of its first five tabs, and behind
 * them how many it has. One walk: a search by the runtime costs more than the bytes of a row.
 */
function findTabs(bytes: Buffer, start: number, tabs: Int32Array): number {
  let count = 0;
  let at = start;
  for (; at < bytes.length && bytes[at] !== NEWLINE; at++) {
    if (bytes[at] !== TAB) continue;
    if (count < TABS) tabs[count] = at;
    count++;
  }
  tabs[TABS] = count;
  return at;
}

function keyNumber(
  bytes: Buffer,
  start: number,
  end: number,
  prefix: Buffer,
  keys: KeySpace,
): number {
  const { messages } = keys;
  if (startsWith(bytes, start, end, prefix)) {
    const userFrom = start + prefix.length;
    let dash = userFrom;
    while (dash < end && bytes[dash] !== DASH) dash++;
    if (dash < end) {
      const user = readNatural(bytes, userFrom, dash);
      const n = readNatural(bytes, dash + 1, end);
      if (user >= 0 && user < messages.users && n >= 0 && n < messages.layers) {
        return n * messages.users + user;
      }
    }
  }
  const key = bytes.toString('utf8', start, end);
  const known = keys.foreignNumbers.get(key);
  if (known !== undefined) return known;
  const number = -keys.foreign.push(key);
  keys.foreignNumbers.set(key, number);
  return number;
}

function startsWith(bytes: Buffer, start: number, end: number, prefix: Buffer): boolean {
  if (end - start < prefix.length) return false;
  for (let at = 0; at < prefix.length; at++) {
    if (bytes[start + at] !== prefix[at]) return false;
  }
  return true;
}

/** The key's text, for people. */
export function keyText(keys: KeySpace, number: number): string {
  if (number < 0) return keys.foreign[-1 - number] ?? '?';
  const { users } = keys.messages;
  return `${keys.nonce}-${number % users}-${Math.floor(number / users)}`;
}

/** The first row at or behind a place, by halving: rows are in the order of places. */
export function firstRowAt(table: RowTable, channel: number, sequence: number): number {
  let [low, high] = [0, table.rows];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const c = table.channel[middle] as number;
    const before = c < channel || (c === channel && (table.sequence[middle] as number) < sequence);
    if (before) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** 8 lower-case hex digits as a signed 32-bit integer; null when they are not that. */
function readHash(bytes: Buffer, start: number, end: number): number | null {
  if (end - start !== 8) return null;
  let value = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    const digit = byte <= 0x39 ? byte - 0x30 : byte - 0x57;
    if (digit < 0 || digit > 15 || (byte > 0x39 && byte < 0x61)) return null;
    value = (value << 4) | digit;
  }
  return value;
}

/** Puts all but the key; false when a column does not hold what it has to. */
function putColumns(
  columns: Columns,
  row: number,
  bytes: Buffer,
  tabs: Int32Array,
  end: number,
): boolean {
  const [t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0] = tabs;
  const channel = readNatural(bytes, t0 + 1, t1);
  const sequence = readNatural(bytes, t1 + 1, t2);
  const author = readNatural(bytes, t2 + 1, t3);
  const hash = readHash(bytes, t3 + 1, t4);
  const created = readNatural(bytes, t4 + 1, end);
  if (channel < 0 || sequence < 0 || author < 0 || hash === null || created < 0) return false;
  if (channel > INTEGER_MAX || sequence > INTEGER_MAX || author > INTEGER_MAX) return false;
  columns.channel[row] = channel;
  columns.sequence[row] = sequence;
  columns.author[row] = author;
  columns.bodyHash[row] = hash;
  columns.createdAtMs[row] = created;
  return true;
}

function inOrder(columns: Columns, row: number): boolean {
  const before = columns.channel[row - 1] as number;
  const channel = columns.channel[row] as number;
  if (before !== channel) return before < channel;
  return (columns.sequence[row - 1] as number) <= (columns.sequence[row] as number);
}
