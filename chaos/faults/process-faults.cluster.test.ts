/** Faults of processes on a real cluster: each bites, heals twice, and the service does what it must. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { faultOf } from './index.ts';
import { legalNow } from './legality.ts';
import { noop } from './noop.ts';
import { startTrials, type Trials } from './testing/fault-trial.ts';

let trials: Trials;
beforeAll(async () => {
  trials = await startTrials(`test-process-faults-${process.pid}`);
});
afterAll(() => trials[Symbol.asyncDispose]());

test.for([
  'kill-nats',
  'kill-etcd-member',
  'kill-etcd-leader',
  'kill-chat-server',
  'drain-chat-server',
  'kill-balancer',
  'kill-replica',
] as const)('%s is proven, heals, and messages keep being acknowledged', async (kind) => {
  await trials.tryFault(kind);
});

test.for(['kill-postgres', 'freeze-postgres', 'kill-patroni'] as const)(
  '%s takes the primary away, and another takes over in time',
  async (kind) => {
    const { target } = await trials.tryFault(kind);
    expect(await trials.cluster.leader(2_000)).not.toBe(target);
  },
);

test('freeze-patroni is over when the hung Patroni was killed, and its PostgreSQL stays primary', async () => {
  const { target } = await trials.tryFault('freeze-patroni');
  expect(await trials.cluster.leader(2_000)).toBe(target);
});

test.for(['lose-all-replicas', 'lose-etcd-majority'] as const)(
  '%s stops writes until it is healed, and nothing acknowledged is lost',
  async (kind) => {
    await trials.tryFault(kind);
  },
);

test('scale-roles is not legal where the roles of the chat service are one process', async () => {
  const context = { cluster: trials.cluster, signal: new AbortController().signal };
  expect(await legalNow(faultOf('scale-roles'), context)).toEqual({
    kind: 'illegal',
    why: 'no roles apart here: the cluster was started without --roles apart',
  });
});

test('noop is never proven to have bitten', async () => {
  const context = { cluster: trials.cluster, signal: new AbortController().signal };
  const strike = await noop.prepare(context, 'nothing', { kind: 'noop', holdSec: 0 });
  await using active = await strike();
  expect((await active.prove(0)).bitten).toBe(false);
});
