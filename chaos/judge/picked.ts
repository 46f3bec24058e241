/**
 * Percentiles of values that come in order, the smallest first, when it is
 * known how many there are: the few that are asked for are picked as they pass,
 * and nothing else is kept. The same nearest rank as `percentile`.
 */
import { rankOf } from '../statistics.ts';

export interface Picked {
  readonly rank50: number;
  readonly rank95: number;
  readonly rank99: number;
  taken: number;
  /** Null until its rank came: those that never come are larger than all others. */
  p50: number | null;
  p95: number | null;
  p99: number | null;
  /** Of those that came. */
  max: number | null;
}

export const pickPercentiles = (count: number): Picked => ({
  rank50: rankOf(50, count),
  rank95: rankOf(95, count),
  rank99: rankOf(99, count),
  taken: 0,
  p50: null,
  p95: null,
  p99: null,
  max: null,
});

/** `value` is not smaller than any before it. */
export function take(picked: Picked, value: number): void {
  const rank = ++picked.taken;
  picked.max = value;
  if (rank === picked.rank50) picked.p50 = value;
  if (rank === picked.rank95) picked.p95 = value;
  if (rank === picked.rank99) picked.p99 = value;
}
