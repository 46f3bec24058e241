/**
 * A real PostgreSQL for tests, with the project's schema in a template: each
 * test takes a database of its own.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { eventually } from './eventually.ts';
import { openLab, type Lab, type Service } from './lab.ts';

const DATA = '/tmp/postgres';
const PREPARE = `
initdb --no-sync --pgdata=${DATA} --auth=trust --encoding=UTF8 --locale=C.UTF-8 > /dev/null
echo 'host all all all trust' >> ${DATA}/pg_hba.conf
`;

/** Here processes die and the machine does not, so nothing needs to reach the disk. */
const SETTINGS = ['listen_addresses=*', 'max_connections=200', 'fsync=off'];

export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
}

export interface TestPostgres {
  readonly service: Service;
  /** Until it takes connections: after a kill it needs a moment to recover. */
  awaitAnswer(): Promise<void>;
  /** A database with channels 1 … `channels`, and in each the members 0 … `members` − 1. */
  create(channels: number, members?: number): Promise<TestDatabase>;
  /** With a name that no replica has: commits wait for ever. With '': they do not wait. */
  requireReplica(name: string): Promise<void>;
}

/** One query on a connection of its own. */
async function ask<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 2_000,
    // What a test does to prepare itself shall not wait for a replica.
    options: '-c synchronous_commit=local',
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

export async function startPostgres(lab: Lab): Promise<TestPostgres> {
  const service = await lab.start({
    image: 'database',
    prepare: PREPARE,
    command: ['postgres', '-D', DATA, ...SETTINGS.flatMap((setting) => ['-c', setting])],
  });
  const urlOf = (name: string) => `postgres://postgres@${service.address}:5432/${name}`;
  const admin = urlOf('postgres');
  const awaitAnswer = async () =>
    void (await eventually('PostgreSQL to take connections', () => ask(admin, 'select 1')));
  await awaitAnswer();
  await ask(admin, 'create database template_chat');
  const schema = await readFile(join(import.meta.dirname, '../schema.sql'), 'utf8');
  // Twice: it must be safe to apply again.
  await ask(urlOf('template_chat'), schema);
  await ask(urlOf('template_chat'), schema);
  let created = 0;

  return {
    service,
    awaitAnswer,
    async create(channels, members = 0) {
      const name = `chat_${++created}`;
      await ask(admin, `create database ${name} template template_chat`);
      const url = urlOf(name);
      await ask(url, 'insert into channels (id) select generate_series(1, $1::int)', [channels]);
      await ask(
        url,
        `insert into members (channel, member)
         select c, m from generate_series(1, $1::int) c, generate_series(0, $2::int - 1) m`,
        [channels, members],
      );
      return {
        url,
        query: (text, values) => ask(url, text, values),
        [Symbol.asyncDispose]: async () =>
          void (await ask(admin, `drop database ${name} with (force)`)),
      };
    },
    async requireReplica(name) {
      await ask(admin, `alter system set synchronous_standby_names = '${name}'`);
      await ask(admin, 'select pg_reload_conf()');
      await eventually('the setting to be in force', async () => {
        const [row] = await ask<{ names: string }>(
          admin,
          `select current_setting('synchronous_standby_names') as names`,
        );
        return row?.names === name;
      });
    },
  };
}

export interface OwnPostgres extends TestPostgres, AsyncDisposable {}

/** For tests that need nothing beside it. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  await using opened = new AsyncDisposableStack();
  const postgres = await startPostgres(opened.use(await openLab()));
  const resources = opened.move();
  return { ...postgres, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

/** Throws unless the sequences of every channel are 1, 2, 3, … and its head is the last of them. */
export async function expectUnbroken(database: TestDatabase): Promise<void> {
  const broken = await database.query(
    `select c.id, c.head, count(m.key) as messages, min(m.sequence) as first, max(m.sequence) as last
     from channels c left join messages m on m.channel = c.id group by c.id
     having count(m.key) <> c.head
         or (c.head > 0 and (min(m.sequence) <> 1 or max(m.sequence) <> c.head))`,
  );
  if (broken.length > 0) throw new Error(`broken channels: ${JSON.stringify(broken)}`);
}
