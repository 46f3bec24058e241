import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMessages, reserveMessages } from './messages.ts';
import { createColumns, type Columns } from './row-columns.ts';
import { createKeySpace, parsePlainRow } from './row-table.ts';
import { readUsualRow, UNUSUAL } from './usual-row.ts';

const NONCE = 'r1';
const PREFIX = Buffer.from(`${NONCE}-`);
const messages = createMessages(1_000);
reserveMessages(messages, 99);

const USUAL = 'r1-7-12\t34\t5\t7\t0a1b2c3f\t1700000000123';

const rowOf = ({ key, channel, sequence, author, bodyHash, createdAtMs }: Columns) =>
  [key, channel, sequence, author, bodyHash, createdAtMs].map(([value]) => value);

/** What both ways make of a line: its end and the row; null: nothing. */
function bothWays(line: string, behind = '\nr1-1-1\t1') {
  const bytes = Buffer.from(`${line}${behind}`);
  const [quick, plain] = [createColumns(1), createColumns(1)];
  const end = readUsualRow(bytes, 0, PREFIX, messages, quick, 0);
  const read = parsePlainRow(bytes, 0, PREFIX, createKeySpace(NONCE, messages), plain, 0);
  return {
    quick: end === UNUSUAL ? null : { end, row: rowOf(quick) },
    plain: read.isRow ? { end: read.end, row: rowOf(plain) } : null,
  };
}

test('reads a usual row, at the end of the file too', () => {
  const row = [12_007, 34, 5, 7, 0x0a1b2c3f, 1_700_000_000_123];
  const expected = { end: USUAL.length, row };
  expect(bothWays(USUAL)).toEqual({ quick: expected, plain: expected });
  expect(bothWays(USUAL, '')).toEqual({ quick: expected, plain: expected });
});

const number = fc.oneof(
  fc.nat().map(String),
  fc.constantFrom('', '0', '00', '07', '-1', '999999999', '2147483647', '2147483648'),
  fc.stringMatching(/^[0-9]{9,17}$/),
);
const hex = fc.oneof(
  fc.stringMatching(/^[0-9a-f]{8}$/),
  fc.constantFrom('', '0a1b2c3', '0A1b2c3d', '0a1b2c3d4', '0a1b2c3g', '0a1b/:c3'),
);
const key = fc
  .tuple(fc.constantFrom('r1-', 'r2-', 'r1', ''), fc.nat(1_100).map(String), number)
  .map(([prefix, user, n]) => `${prefix}${user}-${n}`);

test('what it reads of any row, the plain way reads alike', () => {
  const columns = fc.tuple(key, number, number, number, hex, number);
  fc.assert(
    fc.property(columns, (row) => {
      const { quick, plain } = bothWays(row.join('\t'));
      if (quick !== null) expect(quick).toEqual(plain);
    }),
    { numRuns: 2_000 },
  );
});

test('what it reads of a usual row with one byte changed, the plain way reads alike', () => {
  const byte = fc.constantFrom(...'0123456789abcdefgA-/:\t\n\0 ', '');
  fc.assert(
    fc.property(fc.nat(USUAL.length - 1), byte, fc.boolean(), (at, other, added) => {
      const { quick, plain } = bothWays(
        USUAL.slice(0, at) + other + USUAL.slice(added ? at : at + 1),
      );
      if (quick !== null) expect(quick).toEqual(plain);
    }),
    { numRuns: 2_000 },
  );
});
