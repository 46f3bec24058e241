/**
 * What the harness needs of a place where the chat service runs: its servers
 * by role, how to look at them, and how to break and mend them. A backend
 * (`docker/`, later `kubernetes/`) implements it; faults and the runner know
 * nothing else.
 */

export const SERVER_ROLES = ['edge', 'app', 'db', 'observer'] as const;
export type ServerRole = (typeof SERVER_ROLES)[number];

/** `edge1`, `app2`, `db4`, `observer`. */
export type ServerId = string;

export interface Server {
  readonly id: ServerId;
  readonly role: ServerRole;
  /** IPv4 address, the same for the cluster's life, also after the server was killed. */
  readonly address: string;
  /** On a database server: of which database it is a member, from 0 (`databases`). */
  readonly database?: number;
}

/** Components that run on servers; each is one process (one container) on its server. */
export const COMPONENTS = [
  'balancer', // edge: HAProxy towards the users; several a server: balancer-1, balancer-2, …
  'etcd',
  'nats',
  'router', // app: HAProxy towards the database, by role
  'chat', // app: the reference server; where its roles are apart, the gateway
  'ingest', // app, where roles are apart: stores messages for the gateways
  'history', // app, where roles are apart: serves pages of history to the gateways
  'patroni', // db: Patroni with its PostgreSQL
  'guard', // db: the failover guard
] as const;
export type Component = (typeof COMPONENTS)[number];

/** Those that are the chat service itself. */
const SERVICE_COMPONENTS = ['chat', 'ingest', 'history'] as const satisfies readonly Component[];
export type ServiceComponent = (typeof SERVICE_COMPONENTS)[number];

/** `apart`: gateway, ingest and history are processes of their own, which can be scaled. */
export const ROLE_LAYOUTS = ['together', 'apart'] as const;
export type RoleLayout = (typeof ROLE_LAYOUTS)[number];

export interface ServerProcess {
  /** `db1/patroni`, `edge1/balancer-2`. */
  readonly id: string;
  readonly server: ServerId;
  readonly component: Component;
}

export interface ServiceProcess extends ServerProcess {
  readonly component: ServiceComponent;
}

export const isOfService = (process: ServerProcess): process is ServiceProcess =>
  SERVICE_COMPONENTS.some((component) => component === process.component);

export const rolesOf = ({ processes }: Pick<Cluster, 'processes'>): RoleLayout =>
  processes.some(({ component }) => component === 'ingest') ? 'apart' : 'together';

export type MemberRole = 'primary' | 'replica' | 'other' | 'unreachable';

/** A database member's own word on itself (Patroni's REST interface). */
export interface Member {
  readonly server: ServerId;
  /** Of which database, from 0. */
  readonly database: number;
  readonly role: MemberRole;
  /** Patroni's state: running, streaming, starting, stopped, …; empty when unreachable. */
  readonly state: string;
  /** 0 when unknown. */
  readonly timeline: number;
  /** WAL position in bytes: received (replica) or written (primary); 0 when unknown. */
  readonly walPosition: number;
  /** WAL position in bytes up to which its rows can be read: replayed (replica) or written (primary). */
  readonly replayPosition: number;
  /**
   * A replica that commits wait for, and that may therefore be elected. A moment
   * after it streams, not before; false for the primary.
   */
  readonly inQuorum: boolean;
}

/** An instant known only to lie between these two, epoch milliseconds. */
export interface Moment {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface DatabaseLogin {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly port: number;
}

export interface ClusterSecrets {
  /** HS256 key of the users' tokens. */
  readonly tokenSecret: string;
  /** The harness's own login: reads rows, prepares tables. */
  readonly database: DatabaseLogin;
}

export interface Usage {
  /** Process or generator id: `app1/chat`, `load/shard-0`. */
  readonly id: string;
  /** Used CPU time since the container's start, seconds. */
  readonly cpuSec: number;
  readonly memoryBytes: number;
}

/** What one balancer process of the kind in use did, alone on a core, with another core's client. */
export interface BalancerTrial {
  /** What was asked of it: `HTTP`, … */
  readonly way: string;
  readonly requests: number;
  readonly seconds: number;
  /** CPU time of the balancer alone. */
  readonly cpuSec: number;
  readonly requestsHz: number;
  /** For each second of its CPU time: the client may be slower than the balancer. */
  readonly requestsPerCpuSec: number;
}

/** `none` lifts a limit; what is not named stays as it is. */
export interface ProcessLimits {
  readonly memoryBytes?: number | 'none';
  /** What it may write to the disk that holds its data, a second. */
  readonly diskWriteBytesHz?: number | 'none';
  /** `full`: where a database keeps its WAL there is no room for one more byte; for Patroni's. */
  readonly walDisk?: 'full' | 'none';
}

export interface LoadShard {
  readonly shard: number;
  /** IPv4 address at which the harness reaches it. */
  readonly address: string;
  /** Exit code, once the generator ended. */
  readonly exited: Promise<number>;
  kill(): Promise<void>;
}

export interface LoadShardOptions {
  readonly shard: number;
  /** k6's arguments after `k6 run`, with paths as the container sees them. */
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Host directory → path in the container. */
  readonly mounts: readonly {
    readonly source: string;
    readonly target: string;
    readonly readOnly: boolean;
  }[];
}

/** A chat server of another making: what it differs in from the service's own. */
export interface ChatBuild {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly mounts: LoadShardOptions['mounts'];
}

export interface Cluster extends AsyncDisposable {
  /** Value of the `holdfast` label on everything that belongs to it. */
  readonly id: string;
  readonly servers: readonly Server[];
  /** How many databases hold the channels, each a replicated cluster of its own; 1 at least. */
  readonly databases: number;
  readonly processes: readonly ServerProcess[];
  /** Where users connect: `wss://10.x.y.z:443` for each edge. */
  readonly edges: readonly string[];
  /** File (PEM) with the cluster's certificate authority. */
  readonly caFile: string;
  /** Directory of ours that lives and goes with the cluster; for secrets under way. */
  readonly stateDirectory: string;
  /** Address at which a generator reaches the harness. */
  readonly harnessAddress: string;
  readonly secrets: ClusterSecrets;

  /** Each database member's own view, asked all at once, each within `timeoutMs`. */
  members(timeoutMs: number): Promise<readonly Member[]>;
  /** Holder of a database's leader key in etcd; '' when nobody holds it. Of the first by default. */
  leader(timeoutMs: number, database?: number): Promise<ServerId | ''>;
  usage(): Promise<readonly Usage[]>;

  /** Runs a command in the network namespace of a server (a shell's worth of tools: nft, ip, psql-less). */
  execOnServer(server: ServerId, command: readonly string[]): Promise<ExecResult>;
  /** Runs a command inside a process's container, as root. */
  execInProcess(process: string, command: readonly string[]): Promise<ExecResult>;

  /**
   * SIGKILL and SIGTERM go to the container's first process (SIGKILL: it dies at once, and stays
   * dead); SIGSTOP and SIGCONT freeze and thaw every process in it.
   */
  signalProcess(
    process: string,
    signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT',
  ): Promise<void>;
  /** All of them die in the same instant and stay dead; says when. */
  killProcesses(processes: readonly string[]): Promise<Moment>;
  /** Harmless when it runs; thaws it when it is frozen. */
  startProcess(process: string): Promise<void>;
  isRunning(process: string): Promise<boolean>;

  /** For a process with data; lasts until lifted, or until the process ends. */
  limitProcess(process: string, limits: ProcessLimits): Promise<void>;

  /** Power off: every process of the server and its network namespace die at once; says when. */
  killServer(server: ServerId): Promise<Moment>;
  /** Power on: the namespace at the same address, then its processes. Harmless when on. */
  startServer(server: ServerId): Promise<void>;

  /**
   * Undoes every fault that any run may have left: starts, thaws, drops our firewall tables and
   * traffic limits, ends what bears `FAULT_MARK`.
   */
  restore(): Promise<void>;

  /** Empties the chat tables, loads users and channels, restarts the chat servers with cold caches. */
  prepareChat(
    channels: readonly { readonly id: number; readonly members: readonly number[] }[],
  ): Promise<void>;

  /**
   * Puts chat servers of this build in the place of those that run; without one, the service's
   * own. `prepareChat` then waits for them.
   */
  deployChat(build?: ChatBuild): Promise<void>;

  startLoadShard(options: LoadShardOptions): Promise<LoadShard>;

  /** Beside the cluster, with no network but a loopback: HTTP requests on kept connections. */
  tryBalancer(seconds: number): Promise<BalancerTrial>;
}

/** Firewall table that faults put their rules into; `restore` drops it. */
export const FAULT_TABLE = 'holdfast_fault';

/**
 * Part of the name of whatever a fault leaves running or lying on a server: a process's arguments,
 * a database session's application name, a file in a data directory. `restore` goes by it.
 */
export const FAULT_MARK = 'holdfast-fault';

/** Lies beside a database whose files were damaged on purpose, until it is built anew. */
export const CORRUPTION_FILE = `/var/lib/holdfast/${FAULT_MARK}-corrupt`;
