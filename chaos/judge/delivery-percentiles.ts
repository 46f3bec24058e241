/**
 * How long deliveries took from the intended time of their message, over all
 * deliveries to the users who listen (`scenarios/delivery-times.ts`). Buckets
 * count with their longest time, so nothing is told too short.
 */
import { longestOf } from '../../scenarios/delivery-times.ts';
import type { Percentiles } from '../findings.ts';

/** `counts`: deliveries by bucket. */
export function deliveryPercentiles(counts: Float64Array): Percentiles {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const at = (percent: number): number | null => {
    if (total === 0) return null;
    const rank = Math.max(1, Math.ceil((percent / 100) * total));
    let seen = 0;
    return longestOf(counts.findIndex((count) => (seen += count) >= rank));
  };
  return { p50: at(50), p95: at(95), p99: at(99), max: at(100) };
}
