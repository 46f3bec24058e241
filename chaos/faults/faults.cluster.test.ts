/** Every fault on a real cluster: it bites, it heals, and healing twice is harmless. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../../cluster/cluster.ts';
import { startCluster } from '../../cluster/docker/start-cluster.ts';
import { awaitCondition } from '../await.ts';
import { lookAtRedundancy } from '../redundancy.ts';
import { FAULTS } from './index.ts';

const { signal } = new AbortController();
let cluster: Cluster;

const whole = () =>
  awaitCondition(() => lookAtRedundancy(cluster), {
    what: 'one primary, every other member streaming and in the quorum',
    timeoutMs: 90_000,
    everyMs: 250,
    signal,
  });

beforeAll(async () => {
  cluster = await startCluster({
    id: 'test-faults',
    users: 20,
    keep: false,
    log: () => undefined,
    signal,
  });
  await whole();
});

afterAll(() => cluster[Symbol.asyncDispose]());

const real = FAULTS.filter(({ kind }) => kind !== 'noop');

test.for(real)('$kind bites, heals, and heals once more without harm', async (fault) => {
  const context = { cluster, signal };
  const target = await fault.target(context);
  const strike = await fault.prepare(context, target);
  const before = Date.now();
  const active = await strike();
  const after = Date.now();
  try {
    // One machine, one clock: it struck between the order and the answer, give or take its rounding.
    const { fromMs, toMs } = active.struck;
    expect(fromMs).toBeGreaterThanOrEqual(before - 1);
    expect(toMs).toBeGreaterThanOrEqual(fromMs);
    expect(toMs).toBeLessThanOrEqual(after + 1);
    const proof = await active.prove(25_000);
    expect(proof.observations.filter(({ ok }) => !ok)).toEqual([]);
    expect(proof.bitten).toBe(true);
    expect(await cluster.leader(2_000)).not.toBe(target);
  } finally {
    await active.heal();
  }
  await whole();
  await active.heal();
  await whole();
});

test('noop is never proven to have bitten', async () => {
  const noop = FAULTS[0];
  const strike = await noop.prepare();
  await using active = await strike();
  expect((await active.prove()).bitten).toBe(false);
});
