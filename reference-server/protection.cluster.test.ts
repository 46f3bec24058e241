/** What the server does against those who want too much, and for those who may: limits, keys, logs. */
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectUser, upgradeStatus } from './testing/chat-client.ts';
import { TEST_TOKEN_SECRET } from './testing/chat-server.ts';
import {
  newKey,
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

const bearer = async (user: number) => `Bearer ${await signToken(TEST_TOKEN_SECRET, user, 60)}`;

test('limits a user who floods, says when to come back, and serves the others', async () => {
  const channel = service.newChannel();
  const strict = await service.startServer('strict', {
    USER_REQUESTS_HZ: '5',
    USER_REQUESTS_BURST: '20',
  });
  using abuser = await connectUser(strict.url, 0);
  using bystander = await connectUser(strict.url, 1);
  const keys = numbers(1, 100).map(newKey);
  for (const key of keys) abuser.send(['send', key, channel, 'hello']);
  expect(await say(bystander, channel)).toBeGreaterThan(0);
  await eventually(
    'an answer to each',
    () => abuser.ofKind('ack').length + abuser.ofKind('error').length === keys.length,
  );
  const refused = abuser.ofKind('error');
  // Some seconds at most have passed.
  expect(refused.length).toBeGreaterThan(50);
  for (const [, code, key, , retryAfterMs] of refused) {
    expect([code, keys.includes(key)]).toEqual(['rate-limited', true]);
    expect(retryAfterMs).toBeGreaterThan(0);
    expect(retryAfterMs).toBeLessThanOrEqual(200);
  }
  expect(await strict.metric('chat_rate_limited_total')).toBe(refused.length);
  // Who waits as long as was said gets on.
  const [, , again = '', , waitMs = 0] = refused.at(-1) ?? [];
  await wait(waitMs);
  abuser.send(['send', again, channel, 'hello']);
  await abuser.next('ack', (frame) => frame[1] === again);
});

test('limits logins by the address that a balancer names, and only where balancers are believed', async () => {
  const limits = { ADDRESS_LOGINS_HZ: '0.01', ADDRESS_LOGINS_BURST: '3' };
  const proxied = await service.startServer('proxied', { ...limits, PROXY_PROTOCOL: 'true' });
  const plain = await service.startServer('plain', limits);
  const token = await bearer(1);
  const knock = async (url: string, address: string, times: number) => {
    const answers: number[] = [];
    for (let n = 0; n < times; n++) answers.push(await upgradeStatus(url, token, address));
    return answers;
  };
  expect(await knock(proxied.url, '203.0.113.7', 4)).toEqual([101, 101, 101, 429]);
  expect(await knock(proxied.url, '203.0.113.8', 1)).toEqual([101]);
  expect(await knock(plain.url, '203.0.113.7', 3)).toEqual([101, 101, 101]);
  expect(await knock(plain.url, '203.0.113.8', 1)).toEqual([429]);
  expect(await proxied.metric('chat_logins_total', 'outcome="rate-limited"')).toBe(1);
});

test('takes new keys of tokens while it runs, by itself and when told', async () => {
  const keys = (secrets: Readonly<Record<string, string>>) =>
    `echo '${JSON.stringify(secrets)}' > /tmp/keys.json\n`;
  const [old, next] = ['an old secret, long enough', 'a new secret, long enough'];
  const environment = { TOKEN_KEYS_FILE: '/tmp/keys.json' };
  const keyed = await service.startServer('keyed', environment, keys({ old }));
  const statusOf = async (secret: string, id: string) =>
    upgradeStatus(keyed.url, `Bearer ${await signToken(secret, 1, 60, id)}`);
  expect([await statusOf(old, 'old'), await statusOf(next, 'next')]).toEqual([101, 401]);
  await keyed.service.shell(keys({ old, next }));
  await eventually('the new key', async () => (await statusOf(next, 'next')) === 101);
  expect(await statusOf(old, 'old')).toBe(101);
  await keyed.service.shell(`${keys({ next })} kill -HUP $(cat /tmp/pid)`);
  await eventually('the old key to be gone', async () => (await statusOf(old, 'old')) === 401);
  expect(await statusOf(next, 'next')).toBe(101);
});

test('logs who and which message, and never a body or a token', async () => {
  const channel = service.newChannel();
  const talkative = await service.startServer('talkative', { LOG_LEVEL: 'trace' });
  using user = await connectUser(talkative.url, 1);
  const key = newKey();
  const body = 'nobody but its readers shall see this';
  user.send(['send', key, channel, body]);
  await user.next('ack');
  user.send(['send', key, channel, `${body}, nor this`]);
  await user.next('error');
  user.send(['history', 7, 4_711, 0, 10]);
  await eventually('both refusals', () => user.ofKind('error').length === 2);
  const forged = await signToken('another secret, as long', 1, 60);
  expect(await upgradeStatus(talkative.url, `Bearer ${forged}`)).toBe(401);
  const logs = await eventually('the last line', async () => {
    const text = await talkative.service.logs();
    return text.includes('login refused') && text;
  });
  expect(logs).toContain(`"key":"${key}"`);
  expect(logs).toContain('"key":"7"');
  expect(logs).toContain('"reason":"bad-signature"');
  expect(logs).not.toContain(body);
  expect(logs).not.toContain(forged.split('.')[2]);
  expect(logs).not.toContain(TEST_TOKEN_SECRET);
});
