/** The straight line through some points that is nearest to them all: least squares. */

export interface StraightLine {
  /** Value at zero. */
  readonly fixed: number;
  /** What each unit adds. */
  readonly each: number;
}

export interface Point {
  readonly at: number;
  readonly value: number;
}

/**
 * Null unless there are two different places. Nothing costs less than nothing: a line that would
 * begin below zero is laid through zero, and one that would fall is level at the mean.
 */
export function straightLine(points: readonly Point[]): StraightLine | null {
  if (new Set(points.map(({ at }) => at)).size < 2) return null;
  const mean = (valueOf: (point: Point) => number): number =>
    points.reduce((sum, point) => sum + valueOf(point), 0) / points.length;
  const [meanAt, meanValue] = [mean(({ at }) => at), mean(({ value }) => value)];
  const spread = mean(({ at }) => (at - meanAt) ** 2);
  const each = mean(({ at, value }) => (at - meanAt) * (value - meanValue)) / spread;
  if (each <= 0) return { fixed: meanValue, each: 0 };
  const fixed = meanValue - each * meanAt;
  if (fixed >= 0) return { fixed, each };
  return { fixed: 0, each: mean(({ at, value }) => at * value) / mean(({ at }) => at ** 2) };
}
