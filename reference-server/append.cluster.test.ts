/** What one attempt to store a batch concludes, on a real PostgreSQL that misbehaves. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAppendConnection, type AppendConnection } from './append.ts';
import type { Draft } from './message.ts';
import { startOwnPostgres, type TestDatabase, type OwnPostgres } from './testing/database.ts';
import { eventually } from './testing/eventually.ts';

let postgres: OwnPostgres;
beforeAll(async () => {
  postgres = await startOwnPostgres();
});
afterAll(() => postgres?.[Symbol.asyncDispose]());

const draft = (key: string, channel = 1): Draft => ({ key, channel, author: 1, body: 'hello' });

const open = ({ url }: TestDatabase, timeoutMs = 10_000): Promise<AppendConnection> =>
  openAppendConnection({
    url,
    connectTimeoutMs: timeoutMs,
    timeoutMs,
    applicationName: 'test append',
  });

/** The backend of our connection, once it waits for something. */
const waitingFor = (database: TestDatabase, event: string): Promise<number> =>
  eventually(`the statement to wait for ${event}`, async () => {
    const [row] = await database.query<{ pid: number }>(
      `select pid from pg_stat_activity
       where application_name = 'test append' and datname = current_database()
         and (wait_event = $1 or wait_event_type = $1)`,
      [event],
    );
    return row?.pid;
  });

test('says where each message was stored, and which key was taken', async () => {
  await using database = await postgres.create(2);
  using connection = await open(database);
  expect(await connection.append([draft('a'), draft('b', 2), draft('c')])).toEqual({
    kind: 'stored',
    places: [
      { sequence: 1, conflict: false },
      { sequence: 1, conflict: false },
      { sequence: 2, conflict: false },
    ],
  });
  expect(await connection.append([{ ...draft('a'), body: 'other' }])).toEqual({
    kind: 'stored',
    places: [{ sequence: 1, conflict: true }],
  });
  expect(connection.isSpent).toBe(false);
});

test.each([
  ['cancelled', 'pg_cancel_backend', 'not-replicated'],
  ['broken off by a shutdown', 'pg_terminate_backend', 'connection'],
])('does not confirm a commit whose wait for replication is %s', async (_, how, reason) => {
  await using database = await postgres.create(1);
  using connection = await open(database);
  await postgres.requireReplica('nobody');
  try {
    const outcome = connection.append([draft('a')]);
    const pid = await waitingFor(database, 'SyncRep');
    await database.query(`select ${how}($1)`, [pid]);
    expect(await outcome).toMatchObject({ kind: 'unconfirmed', reason });
    expect(connection.isSpent).toBe(true);
    // It is there all the same: that is why it has to be sent again, with its key.
    expect(await database.query('select key from messages')).toEqual([{ key: 'a' }]);
  } finally {
    await postgres.requireReplica('');
  }
});

test('gives up a commit that is not replicated in time, and does not cancel it', async () => {
  await using database = await postgres.create(1);
  using connection = await open(database, 200);
  await postgres.requireReplica('nobody');
  try {
    expect(await connection.append([draft('a')])).toMatchObject({
      kind: 'unconfirmed',
      reason: 'timeout',
    });
    expect(connection.isSpent).toBe(true);
    // A cancelled wait would have made the row visible.
    await waitingFor(database, 'SyncRep');
    expect(await database.query('select key from messages')).toEqual([]);
  } finally {
    await postgres.requireReplica('');
  }
});

test('leaves no backend behind that waits for a lock for ever', async () => {
  await using database = await postgres.create(1);
  using holder = await open(database, 60_000);
  using second = await open(database, 1_000);
  await postgres.requireReplica('nobody');
  try {
    const held = holder.append([draft('a')]);
    await waitingFor(database, 'SyncRep');
    const blocked = second.append([draft('b')]);
    await waitingFor(database, 'Lock');
    expect(await blocked).toMatchObject({ kind: 'unconfirmed' });
    await eventually('nobody to wait for the lock', async () => {
      const rows = await database.query(
        `select pid from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rows.length === 0;
    });
    await waitingFor(database, 'SyncRep');
    await postgres.requireReplica('');
    expect(await held).toMatchObject({ kind: 'stored' });
  } finally {
    await postgres.requireReplica('');
  }
});

test('does not confirm a write that reached an old primary, now read-only', async () => {
  await using database = await postgres.create(1);
  await database.query(
    `do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$`,
  );
  using connection = await open(database);
  expect(await connection.append([draft('a')])).toMatchObject({
    kind: 'unconfirmed',
    reason: 'read-only',
  });
});

test('does not confirm a batch whose server is killed', async () => {
  await using database = await postgres.create(1);
  using connection = await open(database);
  await postgres.requireReplica('nobody');
  try {
    const outcome = connection.append([draft('a')]);
    await waitingFor(database, 'SyncRep');
    await postgres.service.kill();
    expect(await outcome).toMatchObject({ kind: 'unconfirmed', reason: 'connection' });
  } finally {
    await eventually('PostgreSQL to be back', () => postgres.requireReplica('').then(() => true));
  }
});

test('refuses for good what no retry can store', async () => {
  await using database = await postgres.create(1);
  using connection = await open(database);
  const outcome = await connection.append([draft('a'), draft('b', 404)]);
  expect(outcome).toMatchObject({ kind: 'refused', sqlState: '23503' });
  expect(connection.isSpent).toBe(false);
  expect(await connection.append([draft('a')])).toMatchObject({ kind: 'stored' });
});

test('sends again when another server stores one of the keys at the same moment', async () => {
  await using database = await postgres.create(2);
  using first = await open(database);
  using second = await open(database);
  await postgres.requireReplica('nobody');
  try {
    // The same key for two channels: no row lock makes the one wait for the other.
    const stored = first.append([draft('a', 1)]);
    await waitingFor(database, 'SyncRep');
    const late = second.append([draft('a', 2)]);
    await waitingFor(database, 'Lock');
    await postgres.requireReplica('');
    expect(await stored).toMatchObject({ kind: 'stored' });
    expect(await late).toMatchObject({ kind: 'unconfirmed', reason: 'conflict' });
  } finally {
    await postgres.requireReplica('');
  }
});

test('a young table is not read as a whole for every batch', async () => {
  await using database = await postgres.create(3);
  using connection = await open(database);
  for (let batch = 0; batch < 20; batch++) {
    await connection.append([draft(`${batch}-a`), draft(`${batch}-b`, 2)]);
  }
  // What a backend counted is seen by others a moment later.
  const scans = await eventually('the inserts to be counted', async () => {
    const [row] = await database.query<{ scans: string; rows: string }>(
      `select seq_scan as scans, n_tup_ins as rows from pg_stat_user_tables
       where relname = 'messages'`,
    );
    return row !== undefined && Number(row.rows) === 40 ? Number(row.scans) : undefined;
  });
  // None for a batch; one or two for the indexes, when the tables were made.
  expect(scans).toBeLessThan(5);
});

test('a plan made while the table was empty does not outlive that', async () => {
  await using database = await postgres.create(1_000);
  // The planner is told that there are no messages, and autovacuum shall not tell it otherwise.
  await database.query('analyze');
  await database.query('alter table messages set (autovacuum_enabled = false)');
  using connection = await open(database);
  const sizes = Array.from({ length: 200 }, (_, batch) => (batch < 100 ? 1 + (batch % 3) : 60));
  let stored = 0;
  for (const size of sizes) {
    const drafts = Array.from({ length: size }, () => draft(`${++stored}`, 1 + (stored % 1_000)));
    expect(await connection.append(drafts)).toMatchObject({ kind: 'stored' });
  }
  const read = await eventually('the inserts to be counted', async () => {
    const [row] = await database.query<{ read: number; stored: number }>(
      `select (seq_tup_read + idx_tup_fetch)::float8 as read, n_tup_ins::float8 as stored
       from pg_stat_user_tables where relname = 'messages'`,
    );
    return row?.stored === stored ? row.read : undefined;
  });
  // Each once, to be returned.
  expect(read).toBeLessThan(2 * stored);
});

test('nor does one made while there were hardly any channels', async () => {
  await using database = await postgres.create(1);
  await database.query('analyze');
  await database.query('alter table channels set (autovacuum_enabled = false)');
  using connection = await open(database);
  expect(await connection.append([draft('first', 1)])).toMatchObject({ kind: 'stored' });
  await database.query('insert into channels (id) select generate_series(2, 5000)');
  const batches = 100;
  for (let batch = 0; batch < batches; batch++) {
    const drafts = [0, 1, 2].map((n) => draft(`${batch} ${n}`, 2 + ((batch * 3 + n) % 4_998)));
    expect(await connection.append(drafts)).toMatchObject({ kind: 'stored' });
  }
  const read = await eventually('the reads to be counted', async () => {
    const [row] = await database.query<{ read: number; updated: number }>(
      `select (seq_tup_read + idx_tup_fetch)::float8 as read, n_tup_upd::float8 as updated
       from pg_stat_user_tables where relname = 'channels'`,
    );
    return row?.updated === 1 + 3 * batches ? row.read : undefined;
  });
  // Each to be locked, to be read, and to be updated, old versions on the way included.
  expect(read).toBeLessThan(10 * 3 * batches);
});
