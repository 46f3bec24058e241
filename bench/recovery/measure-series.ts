/**
 * Failovers of several kinds in turn, again and again, on one cluster, so that
 * whatever the machine does meanwhile meets them all; and nothing acknowledged
 * is missing on any member afterwards.
 */
import { awaitReplay } from '../../chaos/await-replay.ts';
import type { FaultKind } from '../../chaos/faults/index.ts';
import { startWriters } from '../../chaos/faults/testing/writers.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { HoldfastError } from '../../cluster/errors.ts';
import { type Failover, measureFailover } from './measure-failover.ts';
import type { Turns } from './turns.ts';

export interface Series {
  /** With the failover guard, or Patroni alone. */
  readonly guard: boolean;
  readonly fault: FaultKind;
  readonly failovers: readonly Failover[];
}

export interface SeriesOptions {
  readonly guard: boolean;
  readonly faults: readonly FaultKind[];
  readonly injections: number;
  readonly turns: Turns;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

export async function measureSeries(
  cluster: Cluster,
  { guard, faults, injections, turns, say, signal }: SeriesOptions,
): Promise<readonly Series[]> {
  await using writers = await startWriters(cluster);
  const failovers: Failover[] = [];
  for (let round = 1; round <= injections; round++) {
    for (const fault of faults) {
      const one = await measureFailover(cluster, writers, fault, { turns, signal });
      failovers.push(one);
      say(
        `${round} ${guard ? 'guard' : 'stock'} ${fault}: ${one.gapMs} ms (released ${one.releasedMs}, elected ${one.electedMs}, served ${one.servedMs})`,
      );
    }
  }
  await awaitReplay(cluster, signal);
  const missing = Object.entries(await writers.missingRows()).filter(([, keys]) => keys.length > 0);
  if (missing.length > 0) {
    throw new HoldfastError({
      code: 'bench-lost',
      message: `acknowledged messages are missing: ${missing.map(([server, keys]) => `${keys.length} on ${server}`).join(', ')}`,
      remedy: 'that is a loss, and no bench: run the same faults as a gate and look at its report',
    });
  }
  return faults.map((fault) => ({
    guard,
    fault,
    failovers: failovers.filter((each) => each.fault === fault),
  }));
}
