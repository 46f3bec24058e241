import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RoleLayout } from './cluster.ts';
import { connectionsPerBalancer } from './machine/limits.ts';
import { balancersPerEdge, createTopology, fellowMembers, serversOf } from './topology.ts';

test('places nine servers and an observer, each at an address of its own', () => {
  const { servers } = createTopology({ users: 100, openFiles: 20_000, network: '10.77.0' });
  expect(servers.map(({ id }) => id).join(' ')).toBe(
    'edge1 edge2 app1 app2 app3 observer db1 db2 db3 db4',
  );
  expect(new Set(servers.map(({ address }) => address)).size).toBe(servers.length);
});

test('20,000 users with 20,000 descriptors need three balancer processes on each edge', () => {
  const topology = createTopology({ users: 20_000, openFiles: 20_000, network: '10.77.0' });
  const balancers = topology.processes.filter(({ component }) => component === 'balancer');
  expect(balancers.map(({ id }) => id)).toEqual([
    'edge1/balancer-1',
    'edge1/balancer-2',
    'edge1/balancer-3',
    'edge2/balancer-1',
    'edge2/balancer-2',
    'edge2/balancer-3',
  ]);
  expect(topology.balancerConnections).toBe(9_500);
});

test('one edge alone can always hold every user, with room for an uneven spread', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100_000 }),
      fc.integer({ min: 1_024, max: 1_048_576 }),
      (users, openFiles) => {
        const room = balancersPerEdge(users, openFiles) * connectionsPerBalancer(openFiles);
        expect(room).toBeGreaterThanOrEqual(users * 1.05);
      },
    ),
  );
});

test('every app server has its own etcd, NATS, router and chat, every database server its guard', () => {
  const topology = createTopology({ users: 1, openFiles: 20_000, network: '10.77.0' });
  for (const { id } of serversOf(topology, 'app')) {
    const names = topology.processes
      .filter(({ server }) => server === id)
      .map(({ id: name }) => name);
    expect(names).toEqual([`${id}/etcd`, `${id}/nats`, `${id}/router`, `${id}/chat`]);
  }
  for (const { id } of serversOf(topology, 'db')) {
    const names = topology.processes
      .filter(({ server }) => server === id)
      .map(({ id: name }) => name);
    expect(names).toEqual([`${id}/patroni`, `${id}/guard`]);
  }
});

test('where roles are apart, every app server has a gateway, an ingest and a history server', () => {
  const options = { users: 100, openFiles: 20_000, network: '10.77.0' };
  const ids = (roles: RoleLayout) =>
    createTopology({ ...options, roles }).processes.map(({ id }) => id);
  const together = ids('together');
  expect(ids('apart').filter((id) => !together.includes(id))).toEqual(
    ['app1', 'app2', 'app3'].flatMap((server) => [`${server}/ingest`, `${server}/history`]),
  );
  expect(createTopology(options).roles).toBe('together');
});

test('a second database has four servers of its own, and changes no other address', () => {
  const options = { users: 100, openFiles: 20_000, network: '10.77.0' };
  const one = createTopology(options);
  const two = createTopology({ ...options, databases: 2 });
  expect(two.servers.slice(0, one.servers.length)).toEqual(one.servers);
  const added = two.servers.slice(one.servers.length);
  expect(added.map(({ id }) => id)).toEqual(['db5', 'db6', 'db7', 'db8']);
  const [first] = added;
  expect(first && fellowMembers(two.servers, first)).toEqual(added);
  expect(new Set(two.servers.map(({ address }) => address)).size).toBe(two.servers.length);
});

test('leaves the guards out when told to, and nothing else', () => {
  const options = { users: 100, openFiles: 20_000, network: '10.77.0' };
  const ids = (guard: boolean) =>
    createTopology({ ...options, guard }).processes.map(({ id }) => id);
  expect(ids(true).filter((id) => !ids(false).includes(id))).toEqual(
    ['db1', 'db2', 'db3', 'db4'].map((server) => `${server}/guard`),
  );
});
