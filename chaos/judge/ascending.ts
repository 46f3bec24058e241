/**
 * Puts a million values in order without comparing them: by their lower 16
 * bits, then by their upper ones, each in one pass. It gives places instead of
 * values, so that whoever walks them meets every property of the entries in
 * that order, and each part of them in order, too.
 */

const DIGIT_BITS = 16;
const DIGITS = 1 << DIGIT_BITS;

/** Places of the values that are not negative, the smallest value first; equal ones as they stand. */
export function placesAscending(values: Int32Array): Int32Array {
  const places = new Int32Array(values.length);
  let [count, largest] = [0, 0];
  for (let place = 0; place < values.length; place++) {
    const value = values[place] as number;
    if (value < 0) continue;
    places[count++] = place;
    if (value > largest) largest = value;
  }
  const byLower = byDigit(values, places.subarray(0, count), 0);
  return largest < DIGITS ? byLower : byDigit(values, byLower, DIGIT_BITS);
}

/** The places in the order of one digit of their values; where it is the same, as they stood. */
function byDigit(values: Int32Array, places: Int32Array, shift: number): Int32Array {
  const digitAt = (place: number): number => ((values[place] as number) >>> shift) % DIGITS;
  /** By digit: how many have a smaller one, which is where the next with this one goes. */
  const next = new Int32Array(DIGITS + 1);
  for (const place of places) {
    const larger = digitAt(place) + 1;
    next[larger] = (next[larger] as number) + 1;
  }
  for (let digit = 1; digit < DIGITS; digit++) {
    next[digit] = (next[digit] as number) + (next[digit - 1] as number);
  }
  const ordered = new Int32Array(places.length);
  for (const place of places) {
    const digit = digitAt(place);
    const to = next[digit] as number;
    ordered[to] = place;
    next[digit] = to + 1;
  }
  return ordered;
}
