/**
 * The chat service's tables: its own schema applied, the tables emptied,
 * channels and members loaded. Everything goes to the primary directly, not
 * through a router, so that it also works while the chat servers are down.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { DatabaseLogin } from './cluster.ts';
import { CHAT_DATABASE, CHAT_LOGIN, HARNESS_LOGIN } from './components/patroni.ts';
import { projectRoot } from './paths.ts';
import { ports } from './ports.ts';
import type { Secrets } from './secrets.ts';

export interface ChannelMembers {
  readonly id: number;
  readonly members: readonly number[];
}

/** Rows a statement: large enough that round trips do not count, small enough to stay below 1 MB. */
const BATCH_ROWS = 20_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** 400,000 rows took 3 s where it was measured. */
const STATEMENT_TIMEOUT_MS = 60_000;

export const harnessLogin = (secrets: Secrets): DatabaseLogin => ({
  user: HARNESS_LOGIN,
  password: secrets.harnessPassword,
  database: CHAT_DATABASE,
  port: ports.postgres,
});

const withClient = async (
  host: string,
  login: DatabaseLogin,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> => {
  const client = new pg.Client({
    host,
    ...login,
    application_name: 'holdfast',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
  });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
};

/** Applies the service's own schema, as the service's login. Safe to repeat. */
export const applyChatSchema = (host: string, login: DatabaseLogin): Promise<void> =>
  withClient(host, login, async (client) => {
    await client.query(`SET ROLE ${CHAT_LOGIN}`);
    await client.query(await readFile(join(projectRoot, 'reference-server/schema.sql'), 'utf8'));
  });

export interface ChatTables {
  readonly channels: readonly ChannelMembers[];
  /** The channels that this database holds. */
  readonly holds: (channel: number) => boolean;
}

/**
 * Empties the tables and loads the population, in one transaction: this database's channels, and
 * all memberships, which each database has.
 */
export const loadChatTables = (
  host: string,
  login: DatabaseLogin,
  { channels, holds }: ChatTables,
): Promise<void> =>
  withClient(host, login, async (client) => {
    await client.query('BEGIN');
    await client.query('TRUNCATE messages, members, channels');
    const ids = channels.map(({ id }) => id).filter(holds);
    for (let from = 0; from < ids.length; from += BATCH_ROWS) {
      await client.query('INSERT INTO channels (id) SELECT unnest($1::int[])', [
        ids.slice(from, from + BATCH_ROWS),
      ]);
    }
    const rows = channels.flatMap(({ id, members }) => members.map((member) => [id, member]));
    for (let from = 0; from < rows.length; from += BATCH_ROWS) {
      const batch = rows.slice(from, from + BATCH_ROWS);
      await client.query(
        'INSERT INTO members (channel, member) SELECT * FROM unnest($1::int[], $2::int[])',
        [batch.map(([channel]) => channel), batch.map(([, member]) => member)],
      );
    }
    await client.query('COMMIT');
    await client.query('ANALYZE channels, members, messages');
  });
