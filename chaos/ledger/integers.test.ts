import fc from 'fast-check';
import { expect, test } from 'vitest';
import { INTEGER_MAX, readIntegers } from './integers.ts';

const ROOM = 4;

/** What was read of the text, or null when that is not what stands there. */
function read(text: string): readonly number[] | null {
  const into = new Int32Array(ROOM);
  // Not at the beginning nor at the end of the bytes, as lines lie in a file.
  const bytes = Buffer.from(`7${text}7`);
  const count = readIntegers(bytes, 1, bytes.length - 1, into);
  return count === -1 ? null : [...into.subarray(0, count)];
}

const SPELLING = /^(-?(0|[1-9]\d*)( -?(0|[1-9]\d*))*)?$/;

test('reads integers in their one spelling, and nothing else', () => {
  const piece = fc.oneof(
    fc.constantFrom('', '0', '1', '-', '-0', '01', '+1', 'x', ' ', '2147483647', '2147483648'),
    fc.integer().map(String),
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(' ')),
    fc.string({ unit: fc.constantFrom(...'019- /:'), maxLength: 12 }),
  );
  fc.assert(
    fc.property(text, (line) => {
      const numbers = line === '' ? [] : line.split(' ').map((each) => Number(each) | 0);
      const fits = line.split(' ').every((each) => Math.abs(Number(each)) <= INTEGER_MAX);
      const isRead = SPELLING.test(line) && fits && numbers.length <= ROOM;
      expect(read(line)).toEqual(isRead ? numbers : null);
    }),
    { numRuns: 2_000 },
  );
});
