/**
 * A row ledger's bytes with salt in them: one row taken out, one written
 * twice, two that changed places. Only those lines and the end mark differ
 * from the file.
 */
import { rowLedgerEnd } from '../../ledger/row-ledger.ts';
import type { Grains } from './grains.ts';

const NEWLINE = 0x0a;

/** `bytes` must be those of a complete row ledger of `rows` rows. */
export function saltedRows(
  bytes: Buffer,
  rows: number,
  { removed, doubled, swapped }: Pick<Grains, 'removed' | 'doubled' | 'swapped'>,
): Buffer {
  const asked = [removed, doubled, ...(swapped ?? [])].filter((row) => row !== null);
  const lines = findLines(bytes, asked);
  const lineOf = (row: number): Buffer => {
    const { start = 0, end = 0 } = lines.get(row) ?? {};
    return bytes.subarray(start, end);
  };
  const instead = new Map<number, readonly Buffer[]>();
  if (removed !== null) instead.set(removed, []);
  if (doubled !== null) instead.set(doubled, [lineOf(doubled), lineOf(doubled)]);
  if (swapped !== null) {
    const [earlier, later] = swapped;
    instead.set(earlier, [atPlaceOf(lineOf(earlier), lineOf(later))]);
    instead.set(later, [atPlaceOf(lineOf(later), lineOf(earlier))]);
  }

  const pieces: Buffer[] = [];
  let copied = 0;
  for (const row of [...instead.keys()].sort((left, right) => left - right)) {
    const { start = copied, end = copied } = lines.get(row) ?? {};
    pieces.push(bytes.subarray(copied, start), ...(instead.get(row) ?? []));
    copied = end;
  }
  const endMarkFrom = bytes.lastIndexOf(NEWLINE, bytes.length - 2) + 1;
  const left = rows - (removed === null ? 0 : 1) + (doubled === null ? 0 : 1);
  pieces.push(bytes.subarray(copied, endMarkFrom), Buffer.from(rowLedgerEnd(left)));
  return Buffer.concat(pieces);
}

/** Where these rows' lines begin and end, newline included. */
function findLines(bytes: Buffer, rows: readonly number[]) {
  const found = new Map<number, { readonly start: number; readonly end: number }>();
  const asked = new Set(rows);
  const lastRow = Math.max(-1, ...rows);
  // The header is the line before row 0.
  let start = bytes.indexOf(NEWLINE) + 1;
  for (let row = 0; row <= lastRow; row++) {
    let end = start;
    // A search by the runtime costs more than the bytes of a row.
    while (end < bytes.length && bytes[end] !== NEWLINE) end++;
    end++;
    if (asked.has(row)) found.set(row, { start, end });
    start = end;
  }
  return found;
}

/** The content of one row (key, author, hash, time) at the place (channel, sequence) of another. */
function atPlaceOf(place: Buffer, content: Buffer): Buffer {
  const [, channel = '', sequence = ''] = place.toString().split('\t');
  const [key = '', , , ...rest] = content.toString().split('\t');
  return Buffer.from([key, channel, sequence, ...rest].join('\t'));
}
