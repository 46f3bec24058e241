/**
 * Had the generator cores to spare? What it writes down is only worth
 * something if it had time to look.
 *
 * Limit: a generator that is held back (pinned, throttled) uses few cores; its
 * lags show that. Descriptors are not sampled; running out of them shows as
 * users who do not connect.
 */
import type { Precondition } from '../findings.ts';
import { percentile } from '../statistics.ts';
import type { Evidence } from './evidence.ts';

const GENERATOR = 'load/';
/**
 * Work that comes at random times waits in proportion to ρ / (1 − ρ): at three quarters busy each
 * piece waits three times its own length, and what comes on top grows without bound. On a machine
 * that is shared with the service, more would also leave the service less than the last quarter.
 */
const CORES_SHARE_MAX = 0.75;

/** All generators together, at the 95th percentile of the samples in the window. */
export function generatorCpu({ usage, cores, window }: Evidence): Precondition {
  const together = new Map<number, number>();
  for (const { id, atMs, cores: used } of usage) {
    if (!id.startsWith(GENERATOR)) continue;
    atMs.forEach((at, index) => {
      if (window === null || at < window.fromMs || at >= window.toMs) return;
      together.set(at, (together.get(at) ?? 0) + (used[index] ?? 0));
    });
  }
  const sorted = Float64Array.from(together.values()).sort();
  const p95 = percentile(sorted, 95);
  const share = p95 === null || cores === null ? null : p95 / cores;
  const required = `at most ${CORES_SHARE_MAX * 100} % of the machine's cores in 95 % of the samples`;
  return {
    id: 'generator-cpu',
    title: 'The generator had cores to spare',
    met: share !== null && share <= CORES_SHARE_MAX,
    measured:
      share === null || p95 === null || cores === null
        ? 'not measured'
        : `${p95.toFixed(2)} of ${cores} cores (${(share * 100).toFixed(1)} %) in 95 % of ${sorted.length} samples`,
    required,
  };
}
