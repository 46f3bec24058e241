/**
 * At the mission's rate: how long an acknowledgement takes from when its
 * message was meant to be sent, beside bare one-row commits made meanwhile on
 * a connection of their own, from the same place to the same primary.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster, ServerId } from '../../cluster/cluster.ts';
import { percentile } from '../../chaos/statistics.ts';
import { withDatabase } from '../../chaos/sabotage/database.ts';
import { BARE_INSERT } from './pgbench.ts';
import type { Senders } from './senders.ts';

const RATE_HZ = 333;
const SECONDS = 20;
/** Apart enough that they are no load of their own. */
const BARE_EVERY_MS = 20;

export interface Latency {
  readonly count: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

export interface Added {
  readonly rateHz: number;
  readonly service: Latency;
  readonly bare: Latency;
}

function latencyOf(values: readonly number[]): Latency {
  const sorted = Float64Array.from(values).sort();
  const at = (percent: number): number => percentile(sorted, percent) ?? Number.NaN;
  return { count: values.length, p50Ms: at(50), p95Ms: at(95), p99Ms: at(99) };
}

export async function measureAdded(
  cluster: Cluster,
  primary: ServerId,
  senders: Senders,
): Promise<Added> {
  const tookMs: number[] = [];
  let isOver = false;
  const commits = withDatabase(cluster, primary, async (client) => {
    while (!isOver) {
      const began = performance.now();
      const values = [randomUUID(), 1, 1, 'so the tide came in '.repeat(4)];
      await client.query({ name: 'bare', text: BARE_INSERT, values });
      tookMs.push(performance.now() - began);
      await pause(BARE_EVERY_MS);
    }
  });
  try {
    const service = await senders.atRate(RATE_HZ, SECONDS);
    return { rateHz: RATE_HZ, service: latencyOf(service), bare: latencyOf(tookMs) };
  } finally {
    isOver = true;
    await commits;
  }
}
