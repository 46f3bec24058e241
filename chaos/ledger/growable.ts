/**
 * Lists of 32-bit integers that grow while a file is read: four bytes an
 * entry, no boxing. Doubling keeps the cost of growing constant per entry.
 */

export interface GrowableIntegers {
  push(value: number): void;
  /** A view of what was pushed so far; take it after the last push. */
  view(): Int32Array;
}

export function growableIntegers(capacity = 1_024): GrowableIntegers {
  let values = new Int32Array(capacity);
  let length = 0;
  return {
    push(value) {
      if (length === values.length) values = enlargeIntegers(values, length * 2, 0);
      values[length++] = value;
    },
    view: () => values.subarray(0, length),
  };
}

/** A list of its own with the same entries, and room for so many more. */
export function copyOfIntegers(list: GrowableIntegers, room = 0): GrowableIntegers {
  const before = list.view();
  const copy = growableIntegers(before.length + room);
  for (const value of before) copy.push(value);
  return copy;
}

/** A longer copy; the new entries hold `fill`. */
export function enlargeIntegers(
  values: Int32Array,
  capacity: number,
  fill: number,
): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(capacity);
  larger.set(values);
  if (fill !== 0) larger.fill(fill, values.length);
  return larger;
}
