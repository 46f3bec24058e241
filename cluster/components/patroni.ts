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
 * is killed by a liveness check. A member that comes back
 * joins again by itself: `pg_rewind` with data checksums, slots and kept WAL,
 * and a new copy where rewinding fails.
 *
 * `fsync` stays on. Statements are not logged, because their text may hold
 * what users wrote. The file is JSON, which is YAML.
 */
import { ports } from '../ports.ts';
import { etcdEndpoints } from './etcd.ts';
import {
  CONFIG_DIRECTORY,
  DATA_DIRECTORY,
  type ProcessContext,
  type ProcessSpec,
} from './process-spec.ts';

/** Patroni's name for this database cluster, and where its keys begin in etcd. */
export const PATRONI_SCOPE = 'holdfast';
export const PATRONI_NAMESPACE = '/service/';

export const CHAT_DATABASE = 'chat';
export const CHAT_LOGIN = 'chat';
export const HARNESS_LOGIN = 'holdfast';
/** The script that starts Patroni, and starts it again when it died. */
export const PATRONI_SUPERVISOR = 'supervise.sh';
const LIVENESS_WATCH = 'liveness.sh';
export const POSTGRES_DATA = `${DATA_DIRECTORY}/postgres`;

/** Three chat servers with some ten connections each, the harness, replication: far below it. */
const CONNECTIONS_MAX = 200;
const SHARED_MEMORY_BYTES = 256 * 2 ** 20;

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
  wal_retrieve_retry_interval: '500ms',
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

/**
 * Patroni as a service manager runs it: it comes back a second after it died, and PostgreSQL, which
 * it started, outlives it. As the container's first program it would take PostgreSQL with it.
 */
const superviseScript = `#!/bin/sh
trap 'kill -TERM "$patroni" && wait "$patroni"; exit' TERM
bash ${CONFIG_DIRECTORY}/${LIVENESS_WATCH} &
while :; do
  patroni ${CONFIG_DIRECTORY}/patroni.yml &
  patroni=$!
  wait "$patroni"
  sleep 1
done
`;

/**
 * The same manager's liveness check. What hangs is worse than what is dead: Patroni gives the lease
 * of a dead PostgreSQL up at once, and that of one that hangs after 20 s; a Patroni that hangs
 * itself leaves a primary that no router trusts. So who answers nothing, three times in a row, is
 * killed, and the ordinary way of a crash begins. A port that refuses is not judged: there is
 * nobody to kill, or it is just being started. PostgreSQL is asked whether it speaks TLS, which it
 * answers before any login, also while it recovers; Patroni whether it lives. A question costs one
 * process and some 1 ms of CPU.
 */
const livenessScript = `#!/bin/bash
silent() { # port, question
  IFS= read -r -t 1 -N 1 < <(
    exec 2> /dev/null 3<>"/dev/tcp/127.0.0.1/$1" && printf "$2" >&3 && IFS= read -r -N 1 <&3 && printf .
  ) 2> /dev/null
  local status=$?
  kill $! 2> /dev/null
  [ $status -gt 128 ]
}
hangs() { # port, question
  silent "$@" && sleep 0.5 && silent "$@" && sleep 0.5 && silent "$@"
}
while sleep 2; do
  if hangs ${ports.postgres} '\\0\\0\\0\\10\\4\\322\\26\\57'; then
    echo 'liveness: PostgreSQL answered none of three questions within 1 s: killed' >&2
    pkill -9 -x postgres
  elif hangs ${ports.patroni} 'GET /liveness HTTP/1.0\\r\\n\\r\\n'; then
    echo 'liveness: Patroni answered none of three questions within 1 s: killed' >&2
    pkill -9 -x patroni
  fi
done
`;

const patroniConfig = ({ topology, secrets, server }: ProcessContext): object => ({
  scope: PATRONI_SCOPE,
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
      maximum_lag_on_failover: 16 * 2 ** 20,
      synchronous_mode: 'quorum',
      synchronous_mode_strict: true,
      synchronous_node_count: 1,
      postgresql: { use_pg_rewind: true, use_slots: true, parameters },
    },
    initdb: [{ encoding: 'UTF8' }, { locale: 'C.UTF-8' }, 'data-checksums'],
    post_bootstrap: `sh ${CONFIG_DIRECTORY}/bootstrap.sh`,
  },
  postgresql: {
    listen: `0.0.0.0:${ports.postgres}`,
    connect_address: `${server.address}:${ports.postgres}`,
    data_dir: POSTGRES_DATA,
    pgpass: '/tmp/pgpass',
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
    [PATRONI_SUPERVISOR]: superviseScript,
    [LIVENESS_WATCH]: livenessScript,
    'bootstrap.sql': bootstrapSql(context),
    'bootstrap.sh': bootstrapScript,
  },
  hasData: true,
  hasInit: true,
  sharedMemoryBytes: SHARED_MEMORY_BYTES,
});
