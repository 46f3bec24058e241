/**
 * One line of a row ledger as nearly all of them are: a key of this run, short
 * numbers, nothing odd. It is read in one walk, in a third of the time that
 * finding its columns first and reading them one by one takes; with a million
 * rows that is what reading a ledger costs.
 *
 * Everything else, malformed lines too, is `UNUSUAL` and left to that plain
 * way (`row-table.ts`); what this one reads, the plain way would have read
 * alike (`usual-row.test.ts`).
 */
import type { Messages } from './messages.ts';
import type { Columns } from './row-columns.ts';

/** Instead of the line's end. */
export const UNUSUAL = -1;

const NEWLINE = 0x0a;
const TAB = 0x09;
const DASH = 0x2d;
const ZERO = 0x30;
/** Every natural number of so few digits fits into 32 bits. */
const DIGITS_THAT_FIT = 9;
/** As many as the plain way takes: exact in a double. */
const DIGITS_OF_TIME = 15;
const HASH_DIGITS = 8;
const POWERS_OF_TEN = Array.from({ length: DIGITS_THAT_FIT + 1 }, (_, power) => 10 ** power);

/** Value of a lower-case hexadecimal digit by its byte; negative: it is none. */
const HEX = new Int8Array(256).fill(-1);
for (let digit = 0; digit < 16; digit++) HEX[digit.toString(16).charCodeAt(0)] = digit;

/** Fills row `row` of all columns; the place of the newline behind it, or `UNUSUAL`. */
export function readUsualRow(
  bytes: Uint8Array,
  start: number,
  prefix: Uint8Array,
  { users, layers }: Messages,
  columns: Columns,
  row: number,
): number {
  if (!startsWith(bytes, start, prefix)) return UNUSUAL;
  cursor = start + prefix.length;
  const user = readShort(bytes, DASH);
  const n = readShort(bytes, TAB);
  const channel = readShort(bytes, TAB);
  const sequence = readShort(bytes, TAB);
  const author = readShort(bytes, TAB);
  if (user < 0 || n < 0 || channel < 0 || sequence < 0 || author < 0) return UNUSUAL;
  if (user >= users || n >= layers || !isHash(bytes)) return UNUSUAL;
  columns.key[row] = n * users + user;
  columns.channel[row] = channel;
  columns.sequence[row] = sequence;
  columns.author[row] = author;
  columns.bodyHash[row] = hash;
  const createdAtMs = readTime(bytes);
  if (createdAtMs < 0) return UNUSUAL;
  columns.createdAtMs[row] = createdAtMs;
  return cursor;
}

/** Where the walk stands; here, and not handed back, because a row is read a million times. */
let cursor = 0;

function startsWith(bytes: Uint8Array, start: number, prefix: Uint8Array): boolean {
  if (bytes.length - start < prefix.length) return false;
  for (let at = 0; at < prefix.length; at++) {
    if (bytes[start + at] !== prefix[at]) return false;
  }
  return true;
}

/** A natural number and the byte behind it; negative: something else stands there. */
function readShort(bytes: Uint8Array, behind: number): number {
  const from = cursor;
  let at = from;
  let value = 0;
  for (; at < bytes.length; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) break;
    value = (value * 10 + digit) | 0;
  }
  cursor = at + 1;
  const digits = at - from;
  if (digits === 0 || digits > DIGITS_THAT_FIT || bytes[at] !== behind) return -1;
  return digits > 1 && bytes[from] === ZERO ? -1 : value;
}

/** What `isHash` found. */
let hash = 0;

function isHash(bytes: Uint8Array): boolean {
  const end = cursor + HASH_DIGITS;
  if (end >= bytes.length || bytes[end] !== TAB) return false;
  let value = 0;
  let all = 0;
  for (let at = cursor; at < end; at++) {
    const digit = HEX[bytes[at] as number] as number;
    all |= digit;
    value = (value << 4) | digit;
  }
  hash = value;
  cursor = end + 1;
  return all >= 0;
}

/** To the end of the line, which it leaves the cursor at; negative: no number that is usual. */
function readTime(bytes: Uint8Array): number {
  const from = cursor;
  const middle = Math.min(from + DIGITS_THAT_FIT, bytes.length);
  let at = from;
  let upper = 0;
  for (; at < middle; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) break;
    upper = (upper * 10 + digit) | 0;
  }
  const half = at;
  let lower = 0;
  for (; at < bytes.length; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) break;
    lower = (lower * 10 + digit) | 0;
  }
  cursor = at;
  const digits = at - from;
  if (digits === 0 || digits > DIGITS_OF_TIME || (digits > 1 && bytes[from] === ZERO)) return -1;
  if (at < bytes.length && bytes[at] !== NEWLINE) return -1;
  return upper * (POWERS_OF_TEN[at - half] as number) + lower;
}
