/** The columns of a row table while it is filled: they grow together, and become the table. */
import { enlargeIntegers } from './growable.ts';
import { messageCount, type Messages } from './messages.ts';
import type { RowTable } from './row-table.ts';

/** As in `RowTable`, with room for more rows than there are. */
export interface Columns {
  capacity: number;
  key: Int32Array;
  channel: Int32Array;
  sequence: Int32Array;
  author: Int32Array;
  bodyHash: Int32Array;
  createdAtMs: Float64Array;
}

export const createColumns = (capacity: number): Columns => ({
  capacity,
  key: new Int32Array(capacity),
  channel: new Int32Array(capacity),
  sequence: new Int32Array(capacity),
  author: new Int32Array(capacity),
  bodyHash: new Int32Array(capacity),
  createdAtMs: new Float64Array(capacity),
});

export function growColumns(columns: Columns): void {
  columns.capacity *= 2;
  const { capacity } = columns;
  columns.key = enlargeIntegers(columns.key, capacity, 0);
  columns.channel = enlargeIntegers(columns.channel, capacity, 0);
  columns.sequence = enlargeIntegers(columns.sequence, capacity, 0);
  columns.author = enlargeIntegers(columns.author, capacity, 0);
  columns.bodyHash = enlargeIntegers(columns.bodyHash, capacity, 0);
  const createdAtMs = new Float64Array(capacity);
  createdAtMs.set(columns.createdAtMs);
  columns.createdAtMs = createdAtMs;
}

export function finishColumns(
  columns: Columns,
  rows: number,
  messages: Messages,
  marks: readonly number[],
): RowTable {
  const key = columns.key.subarray(0, rows);
  const rowOf = new Int32Array(messageCount(messages));
  for (let row = rows - 1; row >= 0; row--) {
    const number = key[row] as number;
    if (number >= 0) rowOf[number] = row + 1;
  }
  return {
    rows,
    key,
    channel: columns.channel.subarray(0, rows),
    sequence: columns.sequence.subarray(0, rows),
    author: columns.author.subarray(0, rows),
    bodyHash: columns.bodyHash.subarray(0, rows),
    createdAtMs: columns.createdAtMs.subarray(0, rows),
    rowOf,
    marks,
  };
}
