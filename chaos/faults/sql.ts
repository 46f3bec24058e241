/**
 * Asks a member's PostgreSQL from inside its container, as its superuser, in
 * the service's database. Through the cluster, not by a connection of our own:
 * so a rehearsal shows the very commands, and nothing depends on the network
 * that a fault may just have cut.
 */
import { type Cluster, FAULT_MARK, type ServerId } from '../../cluster/cluster.ts';
import { CHAT_DATABASE } from '../../cluster/components/patroni.ts';
import { HoldfastError } from '../../cluster/errors.ts';

/** Its sessions bear our mark, by which they are found and ended. */
export const psql = (statement: string): readonly string[] => [
  'env',
  `PGAPPNAME=${FAULT_MARK}`,
  'PGCONNECT_TIMEOUT=5',
  ...['psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', CHAT_DATABASE, '-c', statement],
];

/** Its output, trimmed; what PostgreSQL refuses is an error. */
export async function ask(cluster: Cluster, server: ServerId, statement: string): Promise<string> {
  const answer = await cluster.execInProcess(`${server}/patroni`, psql(statement));
  if (answer.exitCode === 0) return answer.stdout.trim();
  throw new HoldfastError({
    code: 'database-refused',
    message: `PostgreSQL on ${server} refused “${statement.slice(0, 120)}”: ${answer.stderr.trim()}`,
    remedy: 'see holdfast cluster status',
  });
}

/** Ends every session that bears our mark; harmless when there is none. */
export const END_MARKED_SESSIONS = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = '${FAULT_MARK}' and pid <> pg_backend_pid()`;
