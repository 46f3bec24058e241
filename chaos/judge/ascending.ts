/**
 * Puts a million values in order without comparing them: by their lowest
 * digit, then by the next one, each in one pass. It gives places instead of
 * values, so that whoever walks them meets every property of the entries in
 * that order, and each part of them in order, too.
 */

/** So few that the counts of a pass stay in the nearest cache; times within an hour have two digits. */
const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;
/** Without the sign. */
const VALUE_BITS = 31;

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
  let ordered: Int32Array = places.subarray(0, count);
  for (let shift = 0; shift < VALUE_BITS && largest >>> shift > 0; shift += DIGIT_BITS) {
    ordered = byDigit(values, ordered, shift);
  }
  return ordered;
}

/** The values themselves, without those that are negative. */
export function valuesAscending(values: Int32Array): Int32Array {
  const ordered = placesAscending(values);
  for (let index = 0; index < ordered.length; index++) {
    ordered[index] = values[ordered[index] as number] as number;
  }
  return ordered;
}

/** The places in the order of one digit of their values; where it is the same, as they stood. */
function byDigit(values: Int32Array, places: Int32Array, shift: number): Int32Array {
  /** By digit: how many have a smaller one, which is where the next with this one goes. */
  const next = new Int32Array(DIGITS + 1);
  for (let index = 0; index < places.length; index++) {
    const digit = ((values[places[index] as number] as number) >>> shift) & (DIGITS - 1);
    next[digit + 1] = (next[digit + 1] as number) + 1;
  }
  for (let digit = 1; digit < DIGITS; digit++) {
    next[digit] = (next[digit] as number) + (next[digit - 1] as number);
  }
  const ordered = new Int32Array(places.length);
  for (let index = 0; index < places.length; index++) {
    const place = places[index] as number;
    const digit = ((values[place] as number) >>> shift) & (DIGITS - 1);
    const to = next[digit] as number;
    ordered[to] = place;
    next[digit] = to + 1;
  }
  return ordered;
}
