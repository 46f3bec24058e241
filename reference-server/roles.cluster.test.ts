/**
 * A chat service whose parts are processes of their own: a gateway, two
 * ingests, a history server, beside a real PostgreSQL and NATS.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BODY_LENGTH_MAX } from './protocol.ts';
import { connectUser, type ChatClient } from './testing/chat-client.ts';
import { startChatServer, type TestChatServer } from './testing/chat-server.ts';
import { newKey, numbers, say } from './testing/chat-service.ts';
import {
  expectUnbroken,
  startPostgres,
  type TestDatabase,
  type TestPostgres,
} from './testing/database.ts';
import { eventually } from './testing/eventually.ts';
import { openLab, type Lab } from './testing/lab.ts';
import { startNats } from './testing/nats.ts';

const CHANNELS = 20;
const MEMBERS = 10;

let lab: Lab;
let postgres: TestPostgres;
let database: TestDatabase;
let gateway: TestChatServer;
let ingests: readonly TestChatServer[];
let history: TestChatServer;
let channelsUsed = 0;
const newChannel = () => ++channelsUsed;

beforeAll(async () => {
  lab = await openLab();
  const [started, nats] = await Promise.all([startPostgres(lab), startNats(lab)]);
  postgres = started;
  database = await postgres.create(CHANNELS, MEMBERS);
  // It knows the channels and none of their messages, as a replica that lags for ever.
  const lagging = await postgres.create(CHANNELS, MEMBERS);
  const start = (id: string, roles: string, environment: Readonly<Record<string, string>> = {}) =>
    startChatServer(lab, {
      id,
      databaseUrl: database.url,
      natsUrl: nats.url,
      environment: {
        ROLES: roles,
        STATEMENT_TIMEOUT_MS: '1000',
        READ_TIMEOUT_MS: '1000',
        INGEST_TIMEOUT_MS: '1000',
        // Tests send as fast as they can.
        USER_REQUESTS_HZ: '1000000',
        ...environment,
      },
    });
  [gateway, history, ...ingests] = await Promise.all([
    start('gateway', 'gateway'),
    start('history', 'history', { READ_URLS: lagging.url }),
    start('ingest1', 'ingest'),
    start('ingest2', 'ingest'),
  ]);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

const connect = (user: number): Promise<ChatClient> => connectUser(gateway.url, user);
const storedBy = (server: TestChatServer) => server.metric('chat_messages_stored_total');

/** Keys of a channel in the order of their places. */
async function storedKeys(channel: number): Promise<string[]> {
  const rows = await database.query<{ key: string }>(
    'select key from messages where channel = $1 order by sequence',
    [channel],
  );
  return rows.map(({ key }) => key);
}

/** Sends without waiting; the keys. */
const sendAll = (user: ChatClient, channel: number, bodies: readonly string[]): string[] =>
  bodies.map((body) => {
    const key = newKey();
    user.send(['send', key, channel, body]);
    return key;
  });

const acknowledged = (user: ChatClient, keys: readonly string[]) =>
  eventually(
    `${keys.length} acknowledgements`,
    () => user.ofKind('ack').length >= keys.length,
    60_000,
  );

test('stores once, acknowledges and delivers what comes through a gateway; each does its part', async () => {
  const channel = newChannel();
  using alice = await connect(0);
  using bob = await connect(1);
  for (const user of [alice, bob]) await user.join(channel, 0);
  for (let n = 1; n <= 30; n++) expect(await say(alice, channel, `line ${n}`)).toBe(n);
  for (const user of [alice, bob]) {
    await eventually('all messages', () => user.received(channel).length === 30);
    expect(user.received(channel)).toEqual(numbers(1, 30));
  }
  expect(await storedKeys(channel)).toHaveLength(30);
  const shares = await Promise.all(ingests.map(storedBy));
  expect(shares.every((share) => share > 0)).toBe(true);
  expect(shares.reduce((sum, share) => sum + share, 0)).toBe(30);
  expect(await storedBy(gateway)).toBe(0);
});

test('a retry is acknowledged with the same place, and a key of another message is refused', async () => {
  const channel = newChannel();
  using alice = await connect(0);
  alice.send(['send', 'once', channel, 'hello']);
  expect(await alice.next('ack')).toEqual(['ack', 'once', channel, 1]);
  alice.send(['send', 'once', channel, 'hello']);
  await eventually('the second acknowledgement', () => alice.ofKind('ack').length === 2);
  expect(alice.ofKind('ack')[1]).toEqual(['ack', 'once', channel, 1]);
  alice.send(['send', 'once', channel, 'something else']);
  expect((await alice.next('error')).slice(1, 3)).toEqual(['key-conflict', 'once']);
  expect(await storedKeys(channel)).toEqual(['once']);
});

test('carries batches and pages that are longer than NATS takes at once', async () => {
  const channel = newChannel();
  using alice = await connect(0);
  const keys = sendAll(
    alice,
    channel,
    Array.from({ length: 150 }, () => '€'.repeat(BODY_LENGTH_MAX)),
  );
  await acknowledged(alice, keys);
  expect(await storedKeys(channel)).toEqual(keys);
  using bob = await connect(1);
  await bob.join(channel, 150);
  bob.send(['history', 1, channel, 0, 80]);
  const [, , , page] = await bob.next('history');
  expect(page.map(([, key]) => key)).toEqual(keys.slice(-80));
});

test('loses and reorders nothing when ingests are killed in the middle of a stream', async () => {
  const channel = newChannel();
  using alice = await connect(0);
  using bob = await connect(1);
  await bob.join(channel, 0);
  const keys: string[] = [];
  for (let kills = 0; kills < 4; kills++) {
    let isDead = false;
    const killing = ingests[kills % 2]?.service.kill().finally(() => (isDead = true));
    // It goes on all the while: a batch is under way whenever one dies.
    while (!isDead) {
      keys.push(...sendAll(alice, channel, ['a', 'b', 'c', 'd', 'e']));
      await eventually('some acknowledgement', () => alice.ofKind('ack').length > keys.length - 50);
    }
    await killing;
  }
  await acknowledged(alice, keys);
  expect(alice.ofKind('ack').map(([, key]) => key)).toEqual(keys);
  expect(await storedKeys(channel)).toEqual(keys);
  await eventually('the last message', () => bob.received(channel).length === keys.length);
  expect(bob.received(channel)).toEqual(numbers(1, keys.length));
  await expectUnbroken(database);
});

test('an ingest that leaves answers what it took, and nobody has to ask twice', async () => {
  const channel = newChannel();
  using alice = await connect(0);
  const unanswered = async () =>
    (await gateway.metric('chat_role_requests_total', 'outcome="late"')) +
    (await gateway.metric('chat_role_requests_total', 'outcome="lost"'));
  const before = await unanswered();
  const keys: string[] = [];
  for (let burst = 0; burst < 40; burst++) {
    keys.push(...sendAll(alice, channel, ['a', 'b', 'c']));
    if (burst === 10) await ingests[0]?.service.shell('kill -TERM $(cat /tmp/pid)');
    await eventually('some acknowledgement', () => alice.ofKind('ack').length > keys.length - 30);
  }
  await acknowledged(alice, keys);
  expect(await storedKeys(channel)).toEqual(keys);
  expect(await unanswered()).toBe(before);
});

test('every request to an ingest is answered, those whose messages were asked for again, too', async () => {
  const channel = newChannel();
  using alice = await connect(0);
  await say(alice, channel);
  // One may have been ended by a test before.
  const areUp = async () =>
    (await Promise.all(ingests.map(({ get }) => get('/readyz')))).every(({ ok }) => ok);
  await eventually('both ingests', areUp);
  const sent = () => gateway.metric('chat_role_requests_total', 'role="ingest"');
  const late = () => gateway.metric('chat_role_requests_total', 'outcome="late"');
  const served = async () =>
    (await Promise.all(ingests.map((ingest) => ingest.metric('chat_role_served_total')))).reduce(
      (sum, count) => sum + count,
    );
  const unanswered = async () => (await sent()) - (await served());
  const [lateBefore, unansweredBefore] = [await late(), await unanswered()];
  const key = newKey();
  {
    await using _ = await postgres.service.holdDown();
    alice.send(['send', key, channel, 'hello']);
    // Of three requests to two ingests one at least had another in its way.
    await eventually('requests in vain', async () => (await late()) >= lateBefore + 3);
  }
  await eventually('the acknowledgement', () => alice.ofKind('ack').some(([, of]) => of === key));
  expect(await storedKeys(channel)).toContain(key);
  await eventually('all answers', async () => (await unanswered()) === unansweredBefore);
});

test('the newest page is never older than what was delivered, though the replica lags', async () => {
  const channel = newChannel();
  using alice = await connect(0);
  using bob = await connect(1);
  await bob.join(channel, 0);
  const total = 120;
  const sending = (async () => {
    for (let n = 1; n <= total; n++) await say(alice, channel);
  })();
  let last = 0;
  for (let request = 1; last < total; request++) {
    const delivered = bob.received(channel).length;
    bob.send(['history', request, channel, 0, 10]);
    const [, , , page] = await bob.next('history', (frame) => frame[1] === request);
    const newest = page.at(-1)?.[0] ?? 0;
    expect(newest).toBeGreaterThanOrEqual(Math.max(last, delivered));
    expect(page.map(([sequence]) => sequence)).toEqual(numbers(Math.max(1, newest - 9), newest));
    last = newest;
  }
  await sending;
  expect(await history.metric('chat_history_requests_total', 'source="cache"')).toBeGreaterThan(0);
  expect(await history.metric('chat_role_served_total', 'answer="page"')).toBeGreaterThan(0);
  expect(await gateway.metric('chat_history_requests_total')).toBe(0);
});

test('without a history server history is refused, and messages are not', async () => {
  const channel = newChannel();
  using alice = await connect(0);
  await say(alice, channel);
  {
    await using _ = await history.service.holdDown();
    alice.send(['history', 1, channel, 0, 10]);
    expect((await alice.next('error')).slice(1, 3)).toEqual(['history-unavailable', '1']);
    expect(await say(alice, channel)).toBe(2);
  }
  let request = 1;
  await eventually('history again', () => {
    alice.send(['history', ++request, channel, 0, 10]);
    return alice.ofKind('history').length > 0;
  });
  expect(alice.ofKind('history')[0]?.[3]).toHaveLength(2);
});

test('without an ingest nothing is acknowledged, and once there is one all of it, in order', async () => {
  const channel = newChannel();
  using alice = await connect(0);
  let keys: string[];
  {
    await using _first = await ingests[0]?.service.holdDown();
    await using _second = await ingests[1]?.service.holdDown();
    keys = sendAll(alice, channel, ['a', 'b', 'c']);
    const asked = () => gateway.metric('chat_role_requests_total', 'outcome="nobody"');
    const before = await asked();
    await eventually('some more attempts', async () => (await asked()) > before + 2);
    expect(alice.ofKind('ack')).toEqual([]);
    expect((await gateway.get('/readyz')).status).toBe(200);
  }
  await acknowledged(alice, keys);
  expect(await storedKeys(channel)).toEqual(keys);
});
