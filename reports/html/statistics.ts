/**
 * The few figures that a chart's legend says about its line. Holes (null) do
 * not count; of nothing there is no figure (null).
 */

export type Value = number | null;

const present = (values: readonly Value[]): readonly number[] =>
  values.filter((value): value is number => value !== null && Number.isFinite(value));

export function meanOf(values: readonly Value[]): Value {
  const numbers = present(values);
  return numbers.length === 0
    ? null
    : numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}

export const peakOf = (values: readonly Value[]): Value =>
  present(values).reduce<Value>(
    (peak, value) => (peak === null || value > peak ? value : peak),
    null,
  );

/** The value below which the share `quantile` of all values lies (nearest rank). */
export function quantileOf(values: readonly Value[], quantile: number): Value {
  const sorted = [...present(values)].sort((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? null;
}
