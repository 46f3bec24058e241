/** `append_messages` of `schema.sql`, in a real PostgreSQL. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import pg from 'pg';
import {
  expectUnbroken,
  startOwnPostgres,
  type TestDatabase,
  type OwnPostgres,
} from './testing/database.ts';
import { eventually } from './testing/eventually.ts';

type Given = readonly [key: string, channel: number, author: number, body: string];
type Placed = readonly [key: string, channel: number, sequence: number, conflict: boolean];

let postgres: OwnPostgres;
beforeAll(async () => {
  postgres = await startOwnPostgres();
});
afterAll(() => postgres?.[Symbol.asyncDispose]());

async function append(database: TestDatabase, given: readonly Given[]): Promise<Placed[]> {
  const rows = await database.query<{
    key: string;
    channel: number;
    sequence: string;
    conflict: boolean;
  }>('select * from append_messages($1, $2, $3, $4)', [
    given.map(([key]) => key),
    given.map(([, channel]) => channel),
    given.map(([, , author]) => author),
    given.map(([, , , body]) => body),
  ]);
  return rows.map((row) => [row.key, row.channel, Number(row.sequence), row.conflict]);
}

test('gives each message its channel’s next sequence, in the order given', async () => {
  await using database = await postgres.create(3);
  expect(
    await append(database, [
      ['z', 2, 1, 'one'],
      ['y', 1, 1, 'two'],
      ['x', 2, 9, 'three'],
    ]),
  ).toEqual([
    ['z', 2, 1, false],
    ['y', 1, 1, false],
    ['x', 2, 2, false],
  ]);
  expect(await append(database, [['w', 2, 1, 'four']])).toEqual([['w', 2, 3, false]]);
  await expectUnbroken(database);
});

test('answers a retry with the places the messages have, and stores nothing twice', async () => {
  await using database = await postgres.create(1);
  const batch: Given[] = [
    ['a', 1, 1, 'one'],
    ['b', 1, 2, 'two'],
  ];
  const placed = await append(database, batch);
  expect(await append(database, batch)).toEqual(placed);
  expect(await append(database, [['c', 1, 1, 'three'], ...batch])).toEqual([
    ['c', 1, 3, false],
    ...placed,
  ]);
  await expectUnbroken(database);
});

test('counts a key that comes twice in a batch once', async () => {
  await using database = await postgres.create(1);
  expect(
    await append(database, [
      ['a', 1, 1, 'one'],
      ['b', 1, 1, 'two'],
      ['a', 1, 1, 'one'],
    ]),
  ).toEqual([
    ['a', 1, 1, false],
    ['b', 1, 2, false],
    ['a', 1, 1, false],
  ]);
  await expectUnbroken(database);
});

test.each<[string, Given]>([
  ['channel', ['a', 2, 1, 'one']],
  ['author', ['a', 1, 2, 'one']],
  ['body', ['a', 1, 1, 'other']],
])('calls it a conflict when a key comes again with another %s', async (_, again) => {
  await using database = await postgres.create(2);
  await append(database, [['a', 1, 1, 'one']]);
  expect(await append(database, [again])).toEqual([['a', 1, 1, true]]);
  expect(await database.query('select key, channel, author, body from messages')).toEqual([
    { key: 'a', channel: 1, author: 1, body: 'one' },
  ]);
  await expectUnbroken(database);
});

test('takes no sequence for a batch that fails', async () => {
  await using database = await postgres.create(1);
  const withStranger: Given[] = [
    ['a', 1, 1, 'one'],
    ['b', 404, 1, 'two'],
  ];
  await expect(append(database, withStranger)).rejects.toMatchObject({ code: '23503' });
  expect(await append(database, [['c', 1, 1, 'three']])).toEqual([['c', 1, 1, false]]);
  await expectUnbroken(database);
});

test('keeps channels unbroken under concurrent batches, without deadlocks', async () => {
  await using database = await postgres.create(5);
  const writers = 8;
  const batches = 25;
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      const client = new pg.Client(database.url);
      await client.connect();
      try {
        for (let batch = 0; batch < batches; batch++) {
          // Every other writer names the channels in the opposite order.
          const channels = writer % 2 === 0 ? [1, 2, 3, 4, 5] : [5, 4, 3, 2, 1];
          await client.query('select from append_messages($1, $2, $3, $4)', [
            channels.map((channel) => `${writer}-${batch}-${channel}`),
            channels,
            channels.map(() => writer),
            channels.map(() => 'hello'),
          ]);
        }
      } finally {
        await client.end();
      }
    }),
  );
  const [{ stored } = { stored: 0 }] = await database.query<{ stored: number }>(
    'select count(*)::int as stored from messages',
  );
  expect(stored).toBe(writers * batches * 5);
  await expectUnbroken(database);
});

test('makes a retry wait for replication, though its rows are there already', async () => {
  await using database = await postgres.create(1);
  const first = new pg.Client(database.url);
  const retry = new pg.Client(database.url);
  for (const client of [first, retry]) client.on('error', () => undefined);
  await first.connect();
  await retry.connect();
  const call = `select from append_messages('{a}', '{1}', '{1}', '{one}')`;
  const waiting = () =>
    database.query<{ pid: number }>(
      `select pid from pg_stat_activity where wait_event = 'SyncRep' and datname = current_database()`,
    );
  await postgres.requireReplica('nobody');
  try {
    const broken = first.query(call).catch((error: unknown) => error);
    const [{ pid } = { pid: 0 }] = await eventually(
      'the commit to wait for a replica',
      async () => {
        const rows = await waiting();
        return rows.length === 1 && rows;
      },
    );
    // As a fast shutdown does: the commit stays, unreplicated, and becomes visible.
    await database.query('select pg_terminate_backend($1)', [pid]);
    expect(await broken).toBeInstanceOf(Error);
    expect(await database.query('select key from messages')).toEqual([{ key: 'a' }]);

    let isAnswered = false;
    const answered = retry.query(call).then(() => (isAnswered = true));
    await eventually('the retry to wait for a replica', async () => (await waiting()).length === 1);
    expect(isAnswered).toBe(false);
    // The replica that was waited for is no longer asked for: the wait is over.
    await postgres.requireReplica('');
    expect(await answered).toBe(true);
  } finally {
    await postgres.requireReplica('');
    await first.end();
    await retry.end();
  }
});
