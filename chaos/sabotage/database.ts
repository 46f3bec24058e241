/** SQL on one database server, as the harness's own login, which may do anything. */
import pg from 'pg';
import type { Cluster, ServerId } from '../../cluster/cluster.ts';
import { HoldfastError } from '../../cluster/errors.ts';

const TIMEOUT_MS = 5_000;

export async function withDatabase<T>(
  cluster: Cluster,
  server: ServerId,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const host = cluster.servers.find(({ id }) => id === server)?.address;
  const { user, password, database, port } = cluster.secrets.database;
  const login = { host, port, user, password, database };
  const client = new pg.Client({
    ...login,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  });
  // A connection that dies is reported by the query that runs on it.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export async function primaryOf(cluster: Cluster): Promise<ServerId> {
  const primary = (await cluster.members(2_000)).find(({ role }) => role === 'primary');
  if (primary !== undefined) return primary.server;
  throw new HoldfastError({
    code: 'no-target',
    message: 'no member of the database calls itself primary',
    remedy: 'see holdfast cluster status',
  });
}
