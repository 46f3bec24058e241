/** A chat server whose channels are shared by two databases, one of which goes away. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { databaseOf } from './placement.ts';
import { connectUser } from './testing/chat-client.ts';
import { startChatServer, type TestChatServer } from './testing/chat-server.ts';
import { CHANNELS, newKey, numbers, say } from './testing/chat-service.ts';
import { startPostgres, type TestDatabase, type TestPostgres } from './testing/database.ts';
import { eventually } from './testing/eventually.ts';
import { openLab, type Lab } from './testing/lab.ts';
import { startNats } from './testing/nats.ts';

const MEMBERS = 10;
const isIn = (database: number) => (channel: number) => databaseOf(channel, 2) === database;
const [CALM = 0] = numbers(1, CHANNELS).filter(isIn(0));
const [STRICKEN = 0] = numbers(1, CHANNELS).filter(isIn(1));

let lab: Lab;
let postgres: readonly [TestPostgres, TestPostgres];
let databases: readonly [TestDatabase, TestDatabase];
let server: TestChatServer;
let startRole: (roles: string) => Promise<TestChatServer>;
beforeAll(async () => {
  lab = await openLab();
  const [first, second, nats] = await Promise.all([
    startPostgres(lab),
    startPostgres(lab),
    startNats(lab),
  ]);
  postgres = [first, second];
  databases = [await first.create(CHANNELS, MEMBERS), await second.create(CHANNELS, MEMBERS)];
  const environment = { READ_TIMEOUT_MS: '500', USER_REQUESTS_HZ: '1000000' };
  const databaseUrl = databases.map(({ url }) => url).join(',');
  const options = { databaseUrl, natsUrl: nats.url };
  server = await startChatServer(lab, { ...options, id: 'app1', environment });
  startRole = (roles) =>
    startChatServer(lab, { ...options, id: roles, environment: { ...environment, ROLES: roles } });
});
afterAll(() => lab?.[Symbol.asyncDispose]());

const storedIn = async (database: TestDatabase): Promise<readonly number[]> =>
  (
    await database.query<{ channel: number }>('select distinct channel from messages order by 1')
  ).map(({ channel }) => channel);

test('stores each channel in the database that holds it, and nowhere else', async () => {
  using user = await connectUser(server.url, 0);
  for (const channel of numbers(1, CHANNELS)) await say(user, channel);
  expect(await storedIn(databases[0])).toEqual(numbers(1, CHANNELS).filter(isIn(0)));
  expect(await storedIn(databases[1])).toEqual(numbers(1, CHANNELS).filter(isIn(1)));
});

test('a database that is away keeps nobody from the other’s channels, and loses nothing', async () => {
  using alice = await connectUser(server.url, 0);
  using bob = await connectUser(server.url, 1);
  for (const channel of [CALM, STRICKEN]) {
    await alice.join(channel, 0);
    await bob.join(channel, 0);
  }
  const before = bob.received(CALM).length;
  const waiting = newKey();
  {
    await using _ = await postgres[1].service.holdDown();
    alice.send(['send', waiting, STRICKEN, 'hello']);
    for (let n = 0; n < 50; n++) await say(alice, CALM);
    await eventually('what was sent to the other', () => bob.received(CALM).length === before + 50);
    // A login asks either database for the user's channels; whichever begins, the other answers.
    for (const newcomer of [2, 3]) {
      using late = await connectUser(server.url, newcomer);
      await late.join(CALM, 0);
      expect(late.received(CALM)).toEqual(numbers(1, before + 50));
    }
    expect(bob.received(STRICKEN).includes(2)).toBe(false);
  }
  const ack = await alice.next('ack', (frame) => frame[1] === waiting);
  await eventually('what had waited', () => bob.received(STRICKEN).includes(ack[3]));
  expect(bob.received(STRICKEN)).toEqual(numbers(1, ack[3]));
});

test('roles apart ask each for the right database', async () => {
  const roles = ['gateway', 'ingest', 'history'].map((role) => startRole(role));
  const [gateway, ingest, history] = await Promise.all(roles);
  using user = await connectUser(gateway?.url ?? '', 0);
  for (const channel of numbers(1, CHANNELS)) {
    const sequence = await say(user, channel);
    user.send(['history', channel, channel, 0, 100]);
    const [, , , page] = await user.next('history', (frame) => frame[1] === channel);
    expect(page.map(([place]) => place)).toEqual(numbers(1, sequence));
  }
  expect(await storedIn(databases[0])).toEqual(numbers(1, CHANNELS).filter(isIn(0)));
  expect(await storedIn(databases[1])).toEqual(numbers(1, CHANNELS).filter(isIn(1)));
  expect(await ingest?.metric('chat_messages_stored_total')).toBe(CHANNELS);
  expect(await history?.metric('chat_role_served_total', 'answer="page"')).toBe(CHANNELS);
});
