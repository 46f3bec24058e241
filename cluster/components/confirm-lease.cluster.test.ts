/**
 * Who may be promoted, on a real cluster: whoever wins the lease and loses it before its promotion
 * may not. The lease is taken from the winner of an election at once, while it prepares its
 * promotion, and given to somebody of whom neither Patroni nor the guards know.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { awaitCondition, type Awaited } from '../await.ts';
import type { Cluster, Member } from '../cluster.ts';
import { startCluster } from '../docker/start-cluster.ts';
import type { LeaderKey } from '../guard/decide.ts';
import { createEtcdClient, type EtcdClient } from '../guard/etcd-client.ts';
import { ports } from '../ports.ts';
import { leaderKeyOf } from './patroni.ts';

const LEADER_KEY = leaderKeyOf(0);
const STRANGER = 'stranger';
const TTL_SEC = 60;
/** Patroni looks once a second: by then whoever promotes in spite of it has done so. */
const HELD_MS = 4_000;
/** The lease has to be taken within some 100 ms, on a busy machine too. */
const ELECTIONS_MAX = 5;

let cluster: Cluster;
let etcd: EtcdClient;
beforeAll(async () => {
  cluster = await startCluster({
    ...{ id: `test-confirm-lease-${process.pid}`, users: 20, keep: false },
    log: () => undefined,
  });
  const addresses = cluster.servers.filter(({ role }) => role === 'app');
  etcd = createEtcdClient(
    addresses.map(({ address }) => `http://${address}:${ports.etcdClients}`),
    2_000,
  );
});
afterAll(() => cluster[Symbol.asyncDispose]());

const until = (what: string, timeoutMs: number, look: () => Promise<Awaited>) =>
  awaitCondition(look, { what, timeoutMs, everyMs: 100, remedy: 'see the logs of Patroni' });

const members = () => cluster.members(2_000);
const primariesOf = (all: readonly Member[]): readonly string[] =>
  all.filter(({ role }) => role === 'primary').map(({ server }) => server);

const awaitWhole = () =>
  until('one primary, three members streaming', 90_000, async () => {
    const all = await members();
    const streaming = all.filter(({ state, inQuorum }) => state === 'streaming' && inQuorum);
    return {
      met: primariesOf(all).length === 1 && streaming.length === 3,
      seen: JSON.stringify(all),
    };
  });

/** Who holds the lease, asked as fast as etcd answers. */
async function awaitWinner(): Promise<LeaderKey> {
  const deadlineMs = performance.now() + 30_000;
  while (performance.now() < deadlineMs) {
    const [found = []] = await etcd.readPrefixes([LEADER_KEY]);
    const key = found.find((entry) => entry.key === LEADER_KEY);
    if (key !== undefined) return { name: key.value, modRevision: key.modRevision };
  }
  throw new Error('nobody took the lease within 30 s');
}

/** An election whose winner loses at once; undefined: too late, it had confirmed its lease. */
async function takeLeaseFromWinner(): Promise<string | undefined> {
  await etcd.putWithLease(LEADER_KEY, STRANGER, TTL_SEC);
  await until('the primary to step down', 20_000, async () => {
    const primaries = primariesOf(await members());
    return { met: primaries.length === 0, seen: primaries.join() };
  });
  const lease = await etcd.grantLease(TTL_SEC);
  await etcd.delete(LEADER_KEY);
  const winner = await awaitWinner();
  const taken = await etcd.changeIfUnchanged(LEADER_KEY, winner.modRevision, [
    { kind: 'put', key: LEADER_KEY, value: STRANGER, lease },
  ]);
  return taken ? winner.name : undefined;
}

test('a member that loses the lease before its promotion is not promoted', async () => {
  let loser: string | undefined;
  for (let election = 0; election < ELECTIONS_MAX && loser === undefined; election++) {
    await awaitWhole();
    loser = await takeLeaseFromWinner();
  }
  expect(loser).toBeDefined();
  const promoted = new Set<string>();
  for (const endMs = performance.now() + HELD_MS; performance.now() < endMs;) {
    for (const primary of primariesOf(await members())) promoted.add(primary);
  }
  expect([...promoted]).toEqual([]);
  // The loser's timeline was never begun, so the next primary's is nobody else's.
  await etcd.delete(LEADER_KEY);
  await awaitWhole();
});
