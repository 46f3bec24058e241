/**
 * Decimal integers straight from bytes: what the ledgers consist of. Only one
 * spelling of a number is accepted (no leading zeros, no plus, no blanks), so
 * that two different lines never mean the same record.
 */

const ZERO = 0x30;
const MINUS = 0x2d;
const BLANK = 0x20;
/** Larger values would not fit the 32-bit tables they are put into. */
export const INTEGER_MAX = 0x7fff_ffff;
/** Every number of so few digits is within `INTEGER_MAX`. */
const DIGITS_THAT_FIT = 9;

/**
 * Reads integers separated by single blanks from [start, end) into `into`;
 * returns how many there were, or −1 when that is not what stands there.
 */
export function readIntegers(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Int32Array,
): number {
  let count = 0;
  let at = start;
  while (at < end) {
    const negative = bytes[at] === MINUS;
    if (negative) at++;
    const from = at;
    let value = 0;
    for (; at < end; at++) {
      const digit = (bytes[at] as number) - ZERO;
      if (digit < 0 || digit > 9) break;
      // Kept to 32 bits, which is quick, and right up to nine digits.
      value = (value * 10 + digit) | 0;
    }
    const digits = at - from;
    if (digits > DIGITS_THAT_FIT) {
      value = readNatural(bytes, from, at);
      if (value < 0 || value > INTEGER_MAX) return -1;
    }
    if (digits === 0 || (digits > 1 && bytes[from] === ZERO) || count === into.length) return -1;
    into[count++] = negative ? -value : value;
    if (at === end) return count;
    if (bytes[at] !== BLANK) return -1;
    at++;
  }
  // A blank at the very end promises a number that is not there.
  return count === 0 ? 0 : -1;
}

/** The natural number that fills [start, end) exactly; −1 when it is none. Exact up to 2^53. */
export function readNatural(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length < 1 || length > 15) return -1;
  if (length > 1 && bytes[start] === ZERO) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
