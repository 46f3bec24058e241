/**
 * Which servers there are, at which addresses, and what runs on them: the nine
 * servers of the mission (two edge, three app, four database) and an observer
 * outside the nine. Pure, so that a cluster can be attached to again from a
 * few numbers.
 *
 * The one thing computed is how many balancer processes an edge needs. A proxy
 * spends two descriptors a connection and the open-file limit of a process may
 * be out of reach, so several share the edge's port; and when one edge dies,
 * the other alone must hold every user.
 */
import type {
  Component,
  RoleLayout,
  Server,
  ServerId,
  ServerProcess,
  ServerRole,
} from './cluster.ts';
import { connectionsPerBalancer } from './machine/limits.ts';

export interface TopologyOptions {
  readonly users: number;
  /** Most descriptors that a process in a container may have. */
  readonly openFiles: number;
  /** The first three numbers of a /24 network: `10.77.0`. */
  readonly network: string;
  /** Without it Patroni's own lease decides alone; default true. */
  readonly guard?: boolean;
  /** The wall clocks of database servers can be moved (`components/movable-clock.ts`); default false. */
  readonly movableClocks?: boolean;
  /** The chat service's roles in one process on each app server, or in one each; default together. */
  readonly roles?: RoleLayout;
}

export interface Topology {
  readonly users: number;
  readonly openFiles: number;
  readonly network: string;
  readonly movableClocks: boolean;
  readonly roles: RoleLayout;
  /** The harness, as the cluster sees it: the network's gateway. */
  readonly harnessAddress: string;
  readonly servers: readonly Server[];
  readonly processes: readonly ServerProcess[];
  /** Connections a single balancer process accepts. */
  readonly balancerConnections: number;
}

/** Last number of each server's address. From 128 on, Docker gives addresses to whatever asks. */
const SERVERS: readonly (readonly [ServerId, ServerRole, number])[] = [
  ['edge1', 'edge', 11],
  ['edge2', 'edge', 12],
  ['app1', 'app', 21],
  ['app2', 'app', 22],
  ['app3', 'app', 23],
  ['db1', 'db', 31],
  ['db2', 'db', 32],
  ['db3', 'db', 33],
  ['db4', 'db', 34],
  ['observer', 'observer', 41],
];

const COMPONENTS_BY_ROLE: Readonly<Record<ServerRole, readonly Component[]>> = {
  edge: ['balancer'],
  app: ['etcd', 'nats', 'router', 'chat', 'ingest', 'history'],
  db: ['patroni', 'guard'],
  observer: [],
};

/** The kernel spreads connections over the processes by hash, so they fill unevenly: 5 % of room. */
const BALANCER_ROOM = 1.05;

export const balancersPerEdge = (users: number, openFiles: number): number =>
  Math.max(1, Math.ceil((users * BALANCER_ROOM) / Math.max(1, connectionsPerBalancer(openFiles))));

const processNames = (component: Component, balancers: number): readonly string[] =>
  component === 'balancer'
    ? Array.from({ length: balancers }, (_, index) => `balancer-${index + 1}`)
    : [component];

export const createTopology = ({
  users,
  openFiles,
  network,
  guard = true,
  movableClocks = false,
  roles = 'together',
}: TopologyOptions): Topology => {
  const unwanted: readonly Component[] = [
    ...(guard ? [] : (['guard'] as const)),
    ...(roles === 'apart' ? [] : (['ingest', 'history'] as const)),
  ];
  const isWanted = (component: Component): boolean => !unwanted.includes(component);
  const servers = SERVERS.map(([id, role, host]) => ({ id, role, address: `${network}.${host}` }));
  const balancers = balancersPerEdge(users, openFiles);
  return {
    users,
    openFiles,
    network,
    movableClocks,
    roles,
    harnessAddress: `${network}.1`,
    servers,
    processes: servers.flatMap(({ id, role }) =>
      COMPONENTS_BY_ROLE[role].filter(isWanted).flatMap((component) =>
        processNames(component, balancers).map((name) => ({
          id: `${id}/${name}`,
          server: id,
          component,
        })),
      ),
    ),
    balancerConnections: connectionsPerBalancer(openFiles),
  };
};

export const serversOf = (topology: Topology, role: ServerRole): readonly Server[] =>
  topology.servers.filter((server) => server.role === role);
