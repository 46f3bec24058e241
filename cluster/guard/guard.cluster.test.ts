/**
 * The guards on a real cluster. Who loses the primary, and how, is for the
 * faults (`chaos/faults/*.cluster.test.ts`); here the guards themselves are
 * killed, cut off, switched off, and given another time.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { awaitCondition, type Awaited } from '../await.ts';
import { type Cluster, FAULT_MARK, FAULT_TABLE, type ServerId } from '../cluster.ts';
import { startCluster } from '../docker/start-cluster.ts';
import { ports } from '../ports.ts';
import { createEtcdClient } from './etcd-client.ts';
import { fenceOf } from './decide.ts';

/** Less than Patroni's lease: whoever is replaced by then was replaced by the guards. */
const GUARDED_MS = 12_000;
const LEADER_KEY = '/service/holdfast/leader';
const SWITCH_KEY = '/holdfast/guard-switch';
const lineSchema = z.object({ time: z.string() });

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({
    id: `test-guard-${process.pid}`,
    users: 20,
    keep: false,
    log: () => undefined,
  });
});
afterAll(() => cluster[Symbol.asyncDispose]());
afterEach(async () => {
  await cluster.restore();
  await until('four members', 90_000, async () => {
    const members = await cluster.members(2_000);
    const streaming = members.filter(({ state, inQuorum }) => state === 'streaming' && inQuorum);
    return { met: streaming.length === 3, seen: JSON.stringify(members) };
  });
});

const until = (what: string, timeoutMs: number, look: () => Promise<Awaited>) =>
  awaitCondition(look, { what, timeoutMs, everyMs: 100, remedy: 'see the logs of the guards' });

const address = (server: ServerId): string =>
  cluster.servers.find(({ id }) => id === server)?.address ?? '';
const databases = (): readonly ServerId[] =>
  cluster.servers.filter(({ role }) => role === 'db').map(({ id }) => id);
const leader = () => cluster.leader(2_000);
const replicas = async (): Promise<readonly [ServerId, ServerId, ServerId]> => {
  const primary = await leader();
  const [a = '', b = '', c = ''] = databases().filter((server) => server !== primary);
  return [a, b, c];
};
const etcd = () => createEtcdClient([`http://${address('app1')}:${ports.etcdClients}`], 2_000);

/** The sum of a guard's figures whose line begins like this. */
const figure = async (
  server: ServerId,
  beginning: string,
  port: number = ports.guardMetrics,
): Promise<number> => {
  const response = await fetch(`http://${address(server)}:${port}/metrics`, {
    signal: AbortSignal.timeout(2_000),
  });
  return (await response.text())
    .split('\n')
    .filter((line) => line.startsWith(beginning))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
};
const WORKS = 'guard_decisions_total{decision="wait",why="works"';
const VOTED = 'guard_decisions_total{decision="vote"';
const DEAF = 'guard_decisions_total{decision="wait",why="deaf"';
const FENCED = 'guard_changes_total{change="fence",done="yes"';

const awaitLeaderOtherThan = (old: ServerId, timeoutMs: number) =>
  until(`a leader other than ${old}`, timeoutMs, async () => {
    const now = await cluster.leader(500);
    return { met: databases().includes(now) && now !== old, seen: now };
  });

test('tell Prometheus what they decide', async () => {
  const [replica] = await replicas();
  expect(await figure(replica, WORKS)).toBeGreaterThan(0);
  expect(
    await figure(await leader(), 'guard_decisions_total{decision="wait",why="own-server"'),
  ).toBeGreaterThan(0);
  expect(await figure(replica, 'guard_votes')).toBe(0);
});

test('at ease, ask the leader in every round and look into etcd every other second', async () => {
  const [replica] = await replicas();
  const etcds = cluster.servers.filter(({ role }) => role === 'app').map(({ id }) => id);
  const count = async () => {
    const reads = await Promise.all(
      etcds.map((server) =>
        figure(
          server,
          'grpc_server_handled_total{grpc_code="OK",grpc_method="Txn"',
          ports.etcdClients,
        ),
      ),
    );
    return {
      rounds: await figure(replica, WORKS),
      reads: reads.reduce((sum, each) => sum + each, 0),
    };
  };
  const before = await count();
  await until('ten rounds', 20_000, async () => {
    const { rounds } = await count();
    return { met: rounds >= before.rounds + 10, seen: `${rounds - before.rounds} rounds` };
  });
  const after = await count();
  const reads = after.reads - before.reads;
  expect(reads).toBeGreaterThan(0);
  // Four guards; if each looked in every round it would be forty.
  expect(reads).toBeLessThan(2 * (after.rounds - before.rounds));
});

test.for([
  ['hears nothing of the primary', 'in', 'primary'],
  ['is not heard by the primary', 'out', 'primary'],
  ['neither hears the primary nor is heard', 'both', 'primary'],
  ['is off the network', 'both', 'all'],
] as const)('one whose server %s changes nothing alone', async ([, way, who]) => {
  const primary = await leader();
  const [replica, other] = await replicas();
  const votedBefore = await figure(replica, VOTED);
  const fencedBefore = await figure(other, FENCED);
  const drop = (from: string) =>
    who === 'all' ? 'counter drop' : `${from} ${address(primary)} counter drop`;
  const loopback = (name: string) => (who === 'all' ? `${name} "lo" accept;` : '');
  const incoming = way === 'out' ? '' : `${loopback('iifname')} ${drop('ip saddr')}`;
  const outgoing = way === 'in' ? '' : `${loopback('oifname')} ${drop('ip daddr')}`;
  const cut = await cluster.execOnServer(replica, [
    'nft',
    `table inet ${FAULT_TABLE} {
      chain in { type filter hook input priority 0; ${incoming}
      }
      chain out { type filter hook output priority 0; ${outgoing}
      }
    }`,
  ]);
  expect(cut).toMatchObject({ exitCode: 0, stderr: '' });
  if (who === 'primary') {
    await until(`${replica} to vote`, 10_000, async () => {
      const votes = (await figure(replica, VOTED)) - votedBefore;
      return { met: votes > 0, seen: `${votes} votes` };
    });
  }
  // Ten rounds: twice what a failover takes.
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  expect(await leader()).toBe(primary);
  expect(await figure(other, FENCED)).toBe(fencedBefore);
});

test('one that hears no database server votes against nobody, though it reads etcd', async () => {
  const primary = await leader();
  const [replica, ...others] = await replicas();
  const before = { voted: await figure(replica, VOTED), deaf: await figure(replica, DEAF) };
  const unheard = [primary, ...others].map(address).join(', ');
  const cut = await cluster.execOnServer(replica, [
    'nft',
    `table inet ${FAULT_TABLE} {
      chain in { type filter hook input priority 0; ip saddr { ${unheard} } counter drop
      }
    }`,
  ]);
  expect(cut).toMatchObject({ exitCode: 0, stderr: '' });
  // Six rounds: twice what a guard that hears the others needs to vote.
  await until(`${replica} to hear nobody`, 15_000, async () => {
    const rounds = (await figure(replica, DEAF)) - before.deaf;
    return { met: rounds >= 6, seen: `${rounds} rounds` };
  });
  expect(await figure(replica, VOTED)).toBe(before.voted);
  expect(await leader()).toBe(primary);
});

test('are not missed one by one: with a guard killed, the two others replace a dead primary', async () => {
  const old = await leader();
  const [killed] = await replicas();
  await cluster.signalProcess(`${killed}/guard`, 'SIGKILL');
  await cluster.killServer(old);
  await awaitLeaderOtherThan(old, GUARDED_MS);
});

test.for(['+1h', '-1h'] as const)('with clocks moved by %s replace a dead primary', async (by) => {
  const old = await leader();
  const [first, second, host] = await replicas();
  const moved = [first, second];
  for (const [index, self] of moved.entries()) {
    await cluster.signalProcess(`${self}/guard`, 'SIGKILL');
    const started = await cluster.execInProcess(`${host}/guard`, [
      ...['sh', '-c'],
      `LD_PRELOAD='/usr/$LIB/faketime/libfaketimeMT.so.1' \
       FAKETIME=${by} GUARD_SELF=${self} GUARD_METRICS_PORT=${9_000 + index} \
       node cluster/guard/main.ts ${FAULT_MARK} > /tmp/${FAULT_MARK}-${self} 2>&1 &`,
    ]);
    expect(started).toMatchObject({ exitCode: 0, stderr: '' });
  }
  await until('the moved guards to look', 10_000, async () => {
    const rounds = await Promise.all(
      moved.map((_, index) => figure(host, 'guard_decisions_total', 9_000 + index).catch(() => 0)),
    );
    return { met: Math.min(...rounds) > 0, seen: rounds.join(', ') };
  });
  for (const self of moved) {
    const log = await cluster.execInProcess(`${host}/guard`, ['cat', `/tmp/${FAULT_MARK}-${self}`]);
    const { time } = lineSchema.parse(JSON.parse(log.stdout.split('\n')[0] ?? ''));
    expect((Date.parse(time) - Date.now()) / 3_600_000).toBeCloseTo(by === '+1h' ? 1 : -1, 1);
  }
  await cluster.killServer(old);
  await awaitLeaderOtherThan(old, GUARDED_MS);
  const votes = await Promise.all(moved.map((_, index) => figure(host, VOTED, 9_000 + index)));
  expect(votes.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(0);
});

test('switched off, leave a dead primary to Patroni’s lease; switched on, replace it', async () => {
  const old = await leader();
  const [replica] = await replicas();
  await etcd().putWithLease(SWITCH_KEY, 'off', 60);
  await until(`${replica} to stand by`, 5_000, async () => {
    const standing = await figure(replica, 'guard_standing_by');
    return { met: standing === 1, seen: String(standing) };
  });
  await cluster.killServer(old);
  // Twice what they need; the lease lasts 20 s.
  await new Promise((resolve) => setTimeout(resolve, 7_000));
  expect(await leader()).toBe(old);
  await etcd().delete(SWITCH_KEY);
  await awaitLeaderOtherThan(old, 6_000);
});

test('stand by while Patroni is paused', async () => {
  const primary = await leader();
  const [replica] = await replicas();
  const pause = async (isPaused: boolean) => {
    const asked = await cluster.execInProcess(`${primary}/patroni`, [
      ...['curl', '-sS', '--fail', '-X', 'PATCH', '-d', JSON.stringify({ pause: isPaused })],
      `http://127.0.0.1:${ports.patroni}/config`,
    ]);
    expect(asked.exitCode).toBe(0);
    await until(`guards that ${isPaused ? 'stand by' : 'act'}`, 5_000, async () => {
      const standing = await figure(replica, 'guard_standing_by');
      return { met: standing === (isPaused ? 1 : 0), seen: String(standing) };
    });
  };
  await pause(true);
  await pause(false);
  expect(await leader()).toBe(primary);
});

test('killed with a fence standing, keep nobody out: it ends by itself, and a member leads again', async () => {
  const old = await leader();
  await Promise.all(
    databases().map((server) => cluster.signalProcess(`${server}/guard`, 'SIGKILL')),
  );
  const [keys = []] = await etcd().readPrefixes([LEADER_KEY]);
  const isFenced = await etcd().changeIfUnchanged(LEADER_KEY, keys[0]?.modRevision ?? '', [
    { kind: 'put', key: LEADER_KEY, value: fenceOf(old), lease: await etcd().grantLease(5) },
  ]);
  expect(isFenced).toBe(true);
  await until('a member to lead', 20_000, async () => {
    const now = await leader();
    return { met: databases().includes(now), seen: now };
  });
});
