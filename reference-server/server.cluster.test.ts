/** A chat service of two servers as its users see it, everything in order. */
import { createSecretKey } from 'node:crypto';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectUser, upgradeStatus, type ChatClient } from './testing/chat-client.ts';
import { TEST_TOKEN_SECRET } from './testing/chat-server.ts';
import {
  CHANNELS,
  numbers,
  say,
  startChatService,
  type ChatService,
} from './testing/chat-service.ts';
import { eventually } from './testing/eventually.ts';
import { signToken } from './token.ts';

let service: ChatService;
beforeAll(async () => {
  service = await startChatService();
});
afterAll(() => service?.[Symbol.asyncDispose]());

test('lets in who has a valid token and nobody else, and counts why', async () => {
  const [{ url, metric }] = service.servers;
  const before = await metric('chat_logins_total');
  const key = createSecretKey(Buffer.from(TEST_TOKEN_SECRET));
  const elsewhere = new SignJWT().setProtectedHeader({ alg: 'HS256' }).setAudience('shop');
  const unsigned = new UnsecuredJWT().setAudience('chat');
  const refused: readonly (readonly [reason: string, authorization: string])[] = [
    ['missing', ''],
    ['missing', 'Basic dTpw'],
    ['bad-signature', `Bearer ${await signToken('another secret, as long', 1, 60)}`],
    ['expired', `Bearer ${await signToken(TEST_TOKEN_SECRET, 1, -5)}`],
    [
      'wrong-audience',
      `Bearer ${await elsewhere.setSubject('1').setExpirationTime('1 minute').sign(key)}`,
    ],
    [
      'wrong-algorithm',
      `Bearer ${unsigned.setSubject('1').setExpirationTime('1 minute').encode()}`,
    ],
  ];
  for (const [reason, authorization] of refused) {
    const counted = () => metric('chat_logins_total', `outcome="${reason}"`);
    const countedBefore = await counted();
    expect(await upgradeStatus(url, authorization)).toBe(401);
    expect(await counted()).toBe(countedBefore + 1);
  }
  expect(await upgradeStatus(url, `Bearer ${await signToken(TEST_TOKEN_SECRET, 1, 60)}`)).toBe(101);
  await eventually('the login', async () => (await metric('chat_logins_total')) === before + 7);
  await eventually('no open socket', async () => (await metric('chat_open_sockets')) === 0);
});

test('loses no user at the door: a hundred at once, and each is welcomed', async () => {
  const users = await Promise.all(
    Array.from({ length: 100 }, (_, n) => service.connect(n % 2 === 0 ? 0 : 1, n % 10)),
  );
  for (const user of users) {
    expect(user.closeCode).toBeUndefined();
    user[Symbol.dispose]();
  }
});

test('welcomes a user with their channels', async () => {
  using user = await service.connect(0, 3);
  expect(user.frames[0]).toEqual(['welcome', 3, numbers(1, CHANNELS)]);
  using stranger = await service.connect(0, 4_711);
  expect(stranger.frames[0]).toEqual(['welcome', 4_711, []]);
});

test('brings a message to every member on every server, once, and acknowledges it', async () => {
  const channel = service.newChannel();
  using alice = await service.connect(0, 0);
  using bob = await service.connect(0, 1);
  using carol = await service.connect(1, 2);
  for (const user of [alice, bob, carol]) await user.join(channel, 0);
  alice.send(['send', 'first', channel, 'Grüße 🌊']);
  expect(await alice.next('ack')).toEqual(['ack', 'first', channel, 1]);
  for (const user of [alice, bob, carol]) {
    expect(await user.next('message')).toEqual(['message', channel, 1, 'first', 0, 'Grüße 🌊']);
  }
  // A retry, on another server even, is acknowledged with the same place and not delivered again.
  using again = await service.connect(1, 0);
  again.send(['send', 'first', channel, 'Grüße 🌊']);
  expect(await again.next('ack')).toEqual(['ack', 'first', channel, 1]);
  expect(await say(carol, channel)).toBe(2);
  for (const user of [alice, bob, carol]) {
    await eventually('the second message', () => user.received(channel).includes(2));
    expect(user.received(channel)).toEqual([1, 2]);
  }
});

test('keeps a channel from those who are not its members', async () => {
  using stranger = await service.connect(0, 4_711);
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
  const channel = service.newChannel();
  using user = await service.connect(0, 0);
  user.send(['history', 1, channel, 0, 100_000]);
  expect((await user.next('error'))[1]).toBe('bad-frame');
  expect(await say(user, channel)).toBe(1);
});

test('sends a returning user exactly what was missed, in order, then what is new', async () => {
  const channel = service.newChannel();
  using alice = await service.connect(0, 0);
  using reader = await service.connect(0, 1);
  await reader.join(channel, 0);
  // More than a page, from a server that has all of it in memory, and one that has none.
  for (let n = 0; n < 30; n++) {
    await Promise.all(Array.from({ length: 10 }, () => say(alice, channel)));
  }
  for (const { url } of service.servers) {
    using bob = await connectUser(url, 2);
    await bob.join(channel, 7);
    expect(bob.received(channel)).toEqual(numbers(8, 300));
  }
  using carol = await service.connect(1, 3);
  await carol.join(channel, 300);
  expect(carol.received(channel)).toEqual([]);
  expect(await say(carol, channel)).toBe(301);
  await eventually('the newest message', () => reader.received(channel).length === 301);
  expect(reader.received(channel)).toEqual(numbers(1, 301));
  await eventually('the newest message', () => carol.received(channel).length === 1);
});

test('loses and doubles nothing for users who join in the middle of a stream', async () => {
  const channel = service.newChannel();
  using alice = await service.connect(0, 0);
  const total = 400;
  // The readers claim to have seen up to 19 of them.
  for (let n = 0; n < 20; n++) await say(alice, channel);
  const sending = (async () => {
    for (let n = 20; n < total; n++) await say(alice, channel);
  })();
  const readers: ChatClient[] = [];
  for (let n = 0; n < 20; n++) {
    const reader = await service.connect(n % 2 === 0 ? 0 : 1, 1 + (n % 9));
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
  const channel = service.newChannel();
  using alice = await service.connect(0, 0);
  await say(alice, channel);
  // Beyond anything that exists: joined at the newest message, and nothing is withheld later.
  using bob = await service.connect(1, 1);
  await bob.join(channel, 1_000_000);
  expect(bob.ofKind('joined')).toEqual([['joined', channel, 1]]);
  await say(alice, channel);
  await eventually('the next message', () => bob.received(channel).length === 1);
  expect(bob.received(channel)).toEqual([2]);
});

test('serves history in pages', async () => {
  const channel = service.newChannel();
  using alice = await service.connect(0, 0);
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
