/**
 * Patroni with its PostgreSQL, one member on each database server: one primary,
 * three replicas, quorum commit.
 *
 * What the settings promise: a commit is acknowledged only when at least one
 * replica has it on disk (`synchronous_mode: quorum`, one of any), and with no
 * replica left writes stop instead of going on alone
 * (`synchronous_mode_strict`). A crashed primary is not waited for
 * (`primary_start_timeout: 0`). `ttl: 20` is the least that Patroni accepts;
 * for a dead server the failover guard is faster, and what hangs without dying
 * is killed by a liveness check. Nobody is promoted without a last look at the
 * lease (`confirm-lease.ts`), so that no timeline begins twice. A member that comes
 * back joins again by itself: `pg_rewind` with data checksums, slots and kept WAL,
 * and a new copy where rewinding fails.
 *
 * `fsync` stays on. Statements are not logged, because their text may hold
 * what users wrote. The file is JSON, which is YAML.
 */
import { ports } from '../ports.ts';
import { CONFIRM_LEASE, confirmLeaseScript } from './confirm-lease.ts';
import { etcdEndpoints } from './etcd.ts';
import { PATRONI_SCRIPTS, PATRONI_SUPERVISOR, STOP_AT_ONCE } from './patroni-scripts.ts';
import {
  CONFIG_DIRECTORY,
  DATA_DIRECTORY,
  type ProcessContext,
  type ProcessSpec,
} from './process-spec.ts';

/** Patroni's name for a database cluster, and where its keys begin in etcd. */
export const patroniScope = (database: number): string =>
  database === 0 ? 'holdfast' : `holdfast-${database}`;
export const PATRONI_NAMESPACE = '/service/';
export const leaderKeyOf = (database: number): string =>
  `${PATRONI_NAMESPACE}${patroniScope(database)}/leader`;

export const CHAT_DATABASE = 'chat';
export const CHAT_LOGIN = 'chat';
export const HARNESS_LOGIN = 'holdfast';
export const POSTGRES_DATA = `${DATA_DIRECTORY}/postgres`;
export const WAL_DIRECTORY = `${POSTGRES_DATA}/pg_wal`;

/** Three chat servers with some ten connections each, the harness, replication: far below it. */
const CONNECTIONS_MAX = 200;
const SHARED_MEMORY_BYTES = 256 * 2 ** 20;

/** A replica further behind than this is not made primary. */
export const LAG_ON_FAILOVER_BYTES_MAX = 16 * 2 ** 20;

/**
 * A young cluster has no old segment to take again: each new one is filled with zeros and brought to
 * the disk while all commits wait, on the primary and, a moment later, on all its replicas. With the
 * usual 16 MB that was a stall of 0.4 to 0.7 s where they share a disk; it also is what a new primary
 * copies before it takes a write.
 */
const WAL_SEGMENT_MB = 4;

const parameters = {
  max_connections: CONNECTIONS_MAX,
  shared_buffers: '256MB',
  effective_cache_size: '1GB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  jit: 'off',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
  wal_level: 'replica',
  wal_log_hints: 'on',
  wal_compression: 'lz4',
  // A server that is away for minutes catches up from the WAL and needs no new copy.
  wal_keep_size: '1GB',
  max_slot_wal_keep_size: '8GB',
  max_wal_senders: 12,
  max_replication_slots: 12,
  min_wal_size: '256MB',
  max_wal_size: '4GB',
  checkpoint_timeout: '10min',
  checkpoint_completion_target: 0.9,
  hot_standby: 'on',
  // A dead peer is noticed in seconds, on both ends of replication and by every session.
  wal_sender_timeout: '5s',
  wal_receiver_timeout: '5s',
  wal_receiver_status_interval: '1s',
  // How long a replica rests between two tries to find its primary. Commits of a new primary wait
  // for the first that finds it; a try costs a process of some ms.
  wal_retrieve_retry_interval: '100ms',
  tcp_keepalives_idle: 3,
  tcp_keepalives_interval: 1,
  tcp_keepalives_count: 3,
  tcp_user_timeout: '5s',
  client_connection_check_interval: '2s',
  password_encryption: 'scram-sha-256',
  log_statement: 'none',
  log_min_error_statement: 'panic',
  log_parameter_max_length: 0,
  log_parameter_max_length_on_error: 0,
  log_checkpoints: 'off',
  log_timezone: 'UTC',
  timezone: 'UTC',
};

/** Runs once, on the first primary, before any replica exists: it must not wait for one. */
const bootstrapSql = ({ secrets }: ProcessContext): string => `SET synchronous_commit TO local;
CREATE ROLE ${CHAT_LOGIN} LOGIN PASSWORD '${secrets.chatPassword}';
CREATE ROLE ${HARNESS_LOGIN} LOGIN SUPERUSER PASSWORD '${secrets.harnessPassword}';
CREATE DATABASE ${CHAT_DATABASE} OWNER ${CHAT_LOGIN};
`;

const bootstrapScript = `#!/bin/sh
# Patroni calls it with a connection string to the new primary.
exec psql "$1" --no-psqlrc --quiet --set ON_ERROR_STOP=1 --file ${CONFIG_DIRECTORY}/bootstrap.sql
`;

const patroniConfig = ({ topology, secrets, server }: ProcessContext): object => ({
  scope: patroniScope(server.database ?? 0),
  namespace: PATRONI_NAMESPACE,
  name: server.id,
  log: { level: 'INFO' },
  restapi: {
    listen: `0.0.0.0:${ports.patroni}`,
    connect_address: `${server.address}:${ports.patroni}`,
  },
  etcd3: { hosts: etcdEndpoints(topology).map((endpoint) => new URL(endpoint).host) },
  bootstrap: {
    dcs: {
      ttl: 20,
      loop_wait: 1,
      retry_timeout: 3,
      primary_start_timeout: 0,
      maximum_lag_on_failover: LAG_ON_FAILOVER_BYTES_MAX,
      synchronous_mode: 'quorum',
      synchronous_mode_strict: true,
      synchronous_node_count: 1,
      postgresql: { use_pg_rewind: true, use_slots: true, parameters },
    },
    initdb: [
      { encoding: 'UTF8' },
      { locale: 'C.UTF-8' },
      'data-checksums',
      { 'wal-segsize': String(WAL_SEGMENT_MB) },
    ],
    post_bootstrap: `sh ${CONFIG_DIRECTORY}/bootstrap.sh`,
  },
  postgresql: {
    listen: `0.0.0.0:${ports.postgres}`,
    connect_address: `${server.address}:${ports.postgres}`,
    data_dir: POSTGRES_DATA,
    pgpass: '/tmp/pgpass',
    before_stop: `sh ${CONFIG_DIRECTORY}/${STOP_AT_ONCE}`,
    pre_promote: `bash ${CONFIG_DIRECTORY}/${CONFIRM_LEASE}`,
    parameters: { unix_socket_directories: '/tmp' },
    use_unix_socket: true,
    use_unix_socket_repl: true,
    remove_data_directory_on_rewind_failure: true,
    remove_data_directory_on_diverged_timelines: true,
    basebackup: { checkpoint: 'fast' },
    authentication: {
      superuser: { username: 'postgres', password: secrets.superuserPassword },
      replication: { username: 'replicator', password: secrets.replicationPassword },
      rewind: { username: 'rewinder', password: secrets.rewindPassword },
    },
    pg_hba: [
      'local all all trust',
      'local replication all trust',
      `host all all ${topology.network}.0/24 scram-sha-256`,
      `host replication replicator ${topology.network}.0/24 scram-sha-256`,
    ],
  },
  watchdog: { mode: 'off' },
});

export const patroni = (context: ProcessContext): ProcessSpec => ({
  image: 'database',
  command: ['sh', `${CONFIG_DIRECTORY}/${PATRONI_SUPERVISOR}`],
  environment: { PGDATA: POSTGRES_DATA, PGHOST: '/tmp', PGUSER: 'postgres' },
  files: {
    'patroni.yml': JSON.stringify(patroniConfig(context), null, 2),
    ...PATRONI_SCRIPTS,
    [CONFIRM_LEASE]: confirmLeaseScript(
      etcdEndpoints(context.topology),
      leaderKeyOf(context.server.database ?? 0),
      context.server.id,
    ),
    'bootstrap.sql': bootstrapSql(context),
    'bootstrap.sh': bootstrapScript,
  },
  hasData: true,
  hasInit: true,
  sharedMemoryBytes: SHARED_MEMORY_BYTES,
});
