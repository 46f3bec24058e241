/** Two chat servers, a PostgreSQL and a NATS, all real, and users on WebSockets. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectUser, upgradeStatus, type ChatClient } from './testing/chat-client.ts';
import { startChatServer, TEST_TOKEN_SECRET, type TestChatServer } from './testing/chat-server.ts';
import {
  expectUnbroken,
  startPostgres,
  type TestDatabase,
  type TestPostgres,
} from './testing/database.ts';
import { eventually } from './testing/eventually.ts';
import { openLab, type Lab } from './testing/lab.ts';
import { startNats, type TestNats } from './testing/nats.ts';
import { signToken } from './token.ts';

/** Each test has channels of its own; users 0 … 9 are members of all. */
const CHANNELS = 20;
const MEMBERS = 10;

let lab: Lab;
let postgres: TestPostgres;
let database: TestDatabase;
let nats: TestNats;
let servers: readonly [TestChatServer, TestChatServer];
let nextChannel = 1;
let nextKey = 1;

beforeAll(async () => {
  lab = await openLab();
  [postgres, nats] = await Promise.all([startPostgres(lab), startNats(lab)]);
  database = await postgres.create(CHANNELS, MEMBERS);
  const start = (id: string) =>
    startChatServer(lab, {
      id,
      databaseUrl: database.url,
      natsUrl: nats.url,
      environment: { STATEMENT_TIMEOUT_MS: '1000', READ_TIMEOUT_MS: '1000' },
    });
  servers = await Promise.all([start('app1'), start('app2')]);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);
const uniqueKey = () => `key-${nextKey++}`;

/** Sends a message and waits for its acknowledgement, sending again as a real client does. */
async function say(client: ChatClient, channel: number, body = 'hello'): Promise<number> {
  const key = uniqueKey();
  client.send(['send', key, channel, body]);
  const ack = await client.next('ack', (frame) => frame[1] === key);
  return ack[3];
}

test('lets in who has a valid token, and nobody else', async () => {
  const [{ url, metric }] = servers;
  const before = await metric('chat_logins_total');
  const tokens = {
    none: '',
    basic: 'Basic dTpw',
    forged: `Bearer ${await signToken('another secret, as long', 1, 60)}`,
    expired: `Bearer ${await signToken(TEST_TOKEN_SECRET, 1, -5)}`,
  };
  for (const authorization of Object.values(tokens)) {
    expect(await upgradeStatus(url, authorization)).toBe(401);
  }
  expect(await upgradeStatus(url, `Bearer ${await signToken(TEST_TOKEN_SECRET, 1, 60)}`)).toBe(101);
  await eventually('five logins', async () => (await metric('chat_logins_total')) === before + 5);
  await eventually('no open socket', async () => (await metric('chat_open_sockets')) === 0);
});

test('loses no user at the door: a hundred at once, and each is welcomed', async () => {
  const users = await Promise.all(
    Array.from({ length: 100 }, (_, n) => connectUser(servers[n % 2 === 0 ? 0 : 1].url, n % 10)),
  );
  for (const user of users) {
    expect(user.closeCode).toBeUndefined();
    user[Symbol.dispose]();
  }
});

test('welcomes a user with their channels', async () => {
  using user = await connectUser(servers[0].url, 3);
  expect(user.frames[0]).toEqual(['welcome', 3, numbers(1, CHANNELS)]);
  using stranger = await connectUser(servers[0].url, 4_711);
  expect(stranger.frames[0]).toEqual(['welcome', 4_711, []]);
});

test('brings a message to every member on every server, once, and acknowledges it', async () => {
  const channel = nextChannel++;
  using alice = await connectUser(servers[0].url, 0);
  using bob = await connectUser(servers[0].url, 1);
  using carol = await connectUser(servers[1].url, 2);
  for (const user of [alice, bob, carol]) await user.join(channel, 0);
  alice.send(['send', 'first', channel, 'Grüße 🌊']);
  expect(await alice.next('ack')).toEqual(['ack', 'first', channel, 1]);
  for (const user of [alice, bob, carol]) {
    expect(await user.next('message')).toEqual(['message', channel, 1, 'first', 0, 'Grüße 🌊']);
  }
  // A retry, on another server even, is acknowledged with the same place and not delivered again.
  using again = await connectUser(servers[1].url, 0);
  again.send(['send', 'first', channel, 'Grüße 🌊']);
  expect(await again.next('ack')).toEqual(['ack', 'first', channel, 1]);
  expect(await say(carol, channel)).toBe(2);
  for (const user of [alice, bob, carol]) {
    await eventually('the second message', () => user.received(channel).includes(2));
    expect(user.received(channel)).toEqual([1, 2]);
  }
});

test('keeps a channel from those who are not its members', async () => {
  using stranger = await connectUser(servers[0].url, 4_711);
  stranger.send(['join', [[1, 0]]]);
  stranger.send(['send', 'intruding', 1, 'hello']);
  stranger.send(['history', 5, 1, 0, 10]);
  await eventually('three refusals', () => stranger.ofKind('error').length === 3);
  expect(stranger.ofKind('error').map(([, code, key]) => [code, key])).toEqual([
    ['not-a-member', ''],
    ['not-a-member', 'intruding'],
    ['not-a-member', '5'],
  ]);
});

test('answers nonsense with an error and goes on', async () => {
  const channel = nextChannel++;
  using user = await connectUser(servers[0].url, 0);
  user.send(['history', 1, channel, 0, 100_000]);
  expect((await user.next('error'))[1]).toBe('bad-frame');
  expect(await say(user, channel)).toBe(1);
});

test('sends a returning user exactly what was missed, in order, then what is new', async () => {
  const channel = nextChannel++;
  using alice = await connectUser(servers[0].url, 0);
  using reader = await connectUser(servers[0].url, 1);
  await reader.join(channel, 0);
  // More than a page, from a server that has all of it in memory, and one that has none.
  for (let n = 0; n < 30; n++) {
    await Promise.all(Array.from({ length: 10 }, () => say(alice, channel)));
  }
  for (const { url } of servers) {
    using bob = await connectUser(url, 2);
    await bob.join(channel, 7);
    expect(bob.received(channel)).toEqual(numbers(8, 300));
  }
  using carol = await connectUser(servers[1].url, 3);
  await carol.join(channel, 300);
  expect(carol.received(channel)).toEqual([]);
  expect(await say(carol, channel)).toBe(301);
  await eventually('the newest message', () => reader.received(channel).length === 301);
  expect(reader.received(channel)).toEqual(numbers(1, 301));
  await eventually('the newest message', () => carol.received(channel).length === 1);
});

test('loses and doubles nothing for users who join in the middle of a stream', async () => {
  const channel = nextChannel++;
  using alice = await connectUser(servers[0].url, 0);
  const total = 400;
  // The readers claim to have seen up to 19 of them.
  for (let n = 0; n < 20; n++) await say(alice, channel);
  const sending = (async () => {
    for (let n = 20; n < total; n++) await say(alice, channel);
  })();
  const readers: ChatClient[] = [];
  for (let n = 0; n < 20; n++) {
    const reader = await connectUser(servers[n % 2 === 0 ? 0 : 1].url, 1 + (n % 9));
    readers.push(reader);
    reader.send(['join', [[channel, n]]]);
  }
  await sending;
  for (const [n, reader] of readers.entries()) {
    using _ = reader;
    await eventually('the last message', () => reader.received(channel).includes(total));
    expect(reader.received(channel)).toEqual(numbers(n + 1, total));
  }
});

test('waits for the truth when a user knows more than the server does', async () => {
  const channel = nextChannel++;
  using alice = await connectUser(servers[0].url, 0);
  await say(alice, channel);
  // Beyond anything that exists: joined at the newest message, and nothing is withheld later.
  using bob = await connectUser(servers[1].url, 1);
  await bob.join(channel, 1_000_000);
  expect(bob.ofKind('joined')).toEqual([['joined', channel, 1]]);
  await say(alice, channel);
  await eventually('the next message', () => bob.received(channel).length === 1);
  expect(bob.received(channel)).toEqual([2]);
});

test('serves history in pages', async () => {
  const channel = nextChannel++;
  using alice = await connectUser(servers[0].url, 0);
  for (let n = 1; n <= 5; n++) await say(alice, channel, `line ${n}`);
  alice.send(['history', 1, channel, 0, 2]);
  alice.send(['history', 2, channel, 4, 2]);
  alice.send(['history', 3, channel, 2, 200]);
  await eventually('three pages', () => alice.ofKind('history').length === 3);
  const pages = new Map(alice.ofKind('history').map((frame) => [frame[1], frame[3]]));
  const bodies = (request: number) => pages.get(request)?.map(([, , , body]) => body);
  expect(bodies(1)).toEqual(['line 4', 'line 5']);
  expect(bodies(2)).toEqual(['line 2', 'line 3']);
  expect(bodies(3)).toEqual(['line 1']);
});

test('delivers everything although NATS is gone, and from the database', async () => {
  const channel = nextChannel++;
  using alice = await connectUser(servers[0].url, 0);
  using bob = await connectUser(servers[1].url, 1);
  await bob.join(channel, 0);
  await say(alice, channel);
  const filledBefore = await servers[1].metric('chat_gap_messages_total');
  {
    await using _ = await nats.service.holdDown();
    for (let n = 0; n < 250; n++) await say(alice, channel);
    await eventually('what NATS did not bring', () => bob.received(channel).length === 251);
  }
  await eventually('the servers to find NATS again', async () => {
    await say(alice, channel);
    const announced = await servers[1].metric('chat_peer_batches_total');
    await say(alice, channel);
    return (await servers[1].metric('chat_peer_batches_total')) > announced;
  });
  const head = await say(alice, channel);
  await eventually('the last message', () => bob.received(channel).includes(head));
  expect(bob.received(channel)).toEqual(numbers(1, head));
  expect(await servers[1].metric('chat_gap_messages_total')).toBeGreaterThanOrEqual(
    filledBefore + 250,
  );
});

test('loses, doubles and reorders nothing when PostgreSQL is killed under load', async () => {
  const channel = nextChannel++;
  const users = await Promise.all(
    Array.from({ length: 6 }, (_, n) => connectUser(servers[n % 2 === 0 ? 0 : 1].url, n)),
  );
  for (const user of users) await user.join(channel, 0);
  let stop = false;
  const sent: { key: string; user: number; sequence: number }[] = [];
  const sending = users.map(async (user, n) => {
    while (!stop) {
      const key = uniqueKey();
      user.send(['send', key, channel, 'hello']);
      const ack = await user.next('ack', (frame) => frame[1] === key);
      sent.push({ key, user: n, sequence: ack[3] });
    }
  });
  for (let kills = 0; kills < 2; kills++) {
    const before = sent.length;
    await eventually('messages to flow', () => sent.length > before + 100);
    await postgres.service.kill();
  }
  const after = sent.length;
  await eventually('messages to flow again', () => sent.length > after + 100);
  stop = true;
  await Promise.all(sending);

  const rows = await database.query<{ key: string; sequence: string; author: number }>(
    'select key, sequence, author from messages where channel = $1 order by sequence',
    [channel],
  );
  const stored = rows.map((row) => ({
    key: row.key,
    user: row.author,
    sequence: Number(row.sequence),
  }));
  expect(stored).toEqual(sent.toSorted((a, b) => a.sequence - b.sequence));
  await expectUnbroken(database);
  for (const user of users) {
    await eventually('the last message', () => user.received(channel).length === sent.length);
    expect(user.received(channel)).toEqual(numbers(1, sent.length));
    user[Symbol.dispose]();
  }
});

test('stays ready while the database is away, and answers busy when its queue is full', async () => {
  const channel = nextChannel++;
  const small = await startChatServer(lab, {
    id: 'small',
    databaseUrl: database.url,
    natsUrl: nats.url,
    environment: { QUEUE_MESSAGES_MAX: '5', STATEMENT_TIMEOUT_MS: '1000' },
  });
  using user = await connectUser(small.url, 0);
  const keys = numbers(1, 8).map(uniqueKey);
  {
    await using _ = await postgres.service.holdDown();
    for (const key of keys) user.send(['send', key, channel, 'hello']);
    await eventually('refusals', () => user.ofKind('error').length === 3);
    expect(user.ofKind('error').every(([, code]) => code === 'busy')).toBe(true);
    expect((await small.get('/readyz')).status).toBe(200);
    expect(user.ofKind('ack')).toEqual([]);
  }
  await eventually('the acknowledgements', () => user.ofKind('ack').length === 5);
  expect(user.ofKind('ack').map(([, key]) => key)).toEqual(keys.slice(0, 5));
});

test('closes a socket that does not read, keeps serving others, and lets it resume', async () => {
  const channel = nextChannel++;
  const strict = await startChatServer(lab, {
    id: 'strict',
    databaseUrl: database.url,
    natsUrl: nats.url,
  });
  using writer = await connectUser(strict.url, 0);
  using reader = await connectUser(strict.url, 1);
  using sleeper = await connectUser(strict.url, 2);
  for (const user of [reader, sleeper]) await user.join(channel, 0);
  sleeper.pause();
  const sleepersGone = async () => (await strict.metric('chat_open_sockets')) === 2;
  const body = '🌊'.repeat(2_000);
  let head = 0;
  // What the kernel buffers on the way comes on top of the limit.
  for (let n = 0; n < 100 && !(await sleepersGone()); n++) {
    head = Math.max(...(await Promise.all(numbers(1, 50).map(() => say(writer, channel, body)))));
  }
  await eventually('the sleeper to be closed', sleepersGone);
  expect(reader.closeCode).toBeUndefined();
  await eventually('the last message', () => reader.received(channel).includes(head));
  expect(reader.received(channel)).toEqual(numbers(1, head));

  using awake = await connectUser(strict.url, 2);
  await awake.join(channel, 0);
  expect(awake.received(channel)).toEqual(numbers(1, head));
});

test('leaves in good order: answers what it took, says goodbye, and ends', async () => {
  const channel = nextChannel++;
  const leaving = await startChatServer(lab, {
    id: 'leaving',
    databaseUrl: database.url,
    natsUrl: nats.url,
  });
  using user = await connectUser(leaving.url, 0);
  await user.join(channel, 0);
  {
    await using _ = await postgres.service.holdDown();
    for (let n = 0; n < 50; n++) user.send(['send', uniqueKey(), channel, 'hello']);
    await eventually(
      'the messages to wait',
      async () => (await leaving.metric('chat_send_queue_length')) === 50,
    );
    await leaving.service.shell('touch /tmp/held && kill -TERM $(cat /tmp/pid)');
    await eventually('it to be leaving', async () => (await leaving.get('/readyz')).status === 404);
    expect((await leaving.get('/healthz')).status).toBe(200);
    // No new users, no new messages; what was taken still waits.
    const token = await signToken(TEST_TOKEN_SECRET, 1, 60);
    expect(await upgradeStatus(leaving.url, `Bearer ${token}`)).toBe(503);
    user.send(['send', 'late', channel, 'hello']);
    expect((await user.next('error')).slice(0, 3)).toEqual(['error', 'busy', 'late']);
    expect(user.closeCode).toBeUndefined();
  }
  await eventually('the socket to be closed', () => user.closeCode !== undefined);
  expect(user.closeCode).toBe(1001);
  expect(user.ofKind('ack').map(([, , , sequence]) => sequence)).toEqual(numbers(1, 50));
  expect(user.received(channel)).toEqual(numbers(1, 50));
  expect(user.frames.at(-1)?.[0]).toBe('bye');
  await eventually('the process to end', async () => {
    await leaving.service.shell('! kill -0 $(cat /tmp/pid)');
    return true;
  });
});
