/** What several measurements of one thing say: their middle, and how far they lie apart. */

/** The lower one of two in the middle. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;

/** `41,200-43,900` */
export const spreadOf = (values: readonly number[], shown: (value: number) => string): string =>
  `${shown(Math.min(...values))}-${shown(Math.max(...values))}`;
