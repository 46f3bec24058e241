/**
 * Which servers there are, at which addresses, and what runs on them: the nine
 * servers of the mission (two edge, three app, four database) and an observer
 * outside the nine; with several databases four servers more for each. Pure, so that a cluster can be attached to again from a
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
  /** Replicated database clusters that share the channels, 1 to `DATABASES_MAX`; default 1. */
  readonly databases?: number;
}

export interface Topology {
  readonly users: number;
  readonly openFiles: number;
  readonly network: string;
  readonly movableClocks: boolean;
  readonly roles: RoleLayout;
  readonly databases: number;
  /** The harness, as the cluster sees it: the network's gateway. */
  readonly harnessAddress: string;
  readonly servers: readonly Server[];
  readonly processes: readonly ServerProcess[];
  /** Connections a single balancer process accepts. */
  readonly balancerConnections: number;
}

/** As many as the address plan has room for. */
export const DATABASES_MAX = 4;
const MEMBERS_OF_A_DATABASE = 4;

/** Last number of each server's address. From 128 on, Docker gives addresses to whatever asks. */
const SERVERS: readonly (readonly [ServerId, ServerRole, number])[] = [
  ['edge1', 'edge', 11],
  ['edge2', 'edge', 12],
  ['app1', 'app', 21],
  ['app2', 'app', 22],
  ['app3', 'app', 23],
  ['observer', 'observer', 41],
];
/** Of the first database's members, of the second's, …: 31 to 34, 51 to 54, 61 to 64, 71 to 74. */
const MEMBERS_FROM = [31, 51, 61, 71] as const;

const membersOf = (database: number, network: string): readonly Server[] =>
  Array.from({ length: MEMBERS_OF_A_DATABASE }, (_, index) => ({
    id: `db${database * MEMBERS_OF_A_DATABASE + index + 1}`,
    role: 'db',
    address: `${network}.${(MEMBERS_FROM[database] ?? 0) + index}`,
    database,
  }));

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
  databases = 1,
}: TopologyOptions): Topology => {
  const unwanted: readonly Component[] = [
    ...(guard ? [] : (['guard'] as const)),
    ...(roles === 'apart' ? [] : (['ingest', 'history'] as const)),
  ];
  const isWanted = (component: Component): boolean => !unwanted.includes(component);
  const servers: readonly Server[] = [
    ...SERVERS.map(([id, role, host]) => ({ id, role, address: `${network}.${host}` })),
    ...Array.from({ length: databases }, (_, database) => membersOf(database, network)).flat(),
  ];
  const balancers = balancersPerEdge(users, openFiles);
  return {
    users,
    openFiles,
    network,
    movableClocks,
    roles,
    databases,
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

/** The members of the database of which this server is one, itself included. */
export const fellowMembers = (servers: readonly Server[], server: Server): readonly Server[] =>
  servers.filter(({ role, database }) => role === 'db' && database === server.database);
