import { expect, test } from 'vitest';
import { parseConfig } from './config.ts';
import { createRequestLimits } from './request-limits.ts';

const complete = {
  WRITE_URLS: 'postgres://chat:secret@127.0.0.1:5000/chat',
  READ_URLS: 'postgres://chat:secret@127.0.0.1:5001/chat',
  NATS_URLS: '10.0.0.1:4222, 10.0.0.2:4222',
  TOKEN_SECRET: 'a secret of enough length',
};

test('reads an environment and fills in the defaults', () => {
  const config = parseConfig({ ...complete, LANES: '2' });
  expect(config).toMatchObject({
    PORT: 9001,
    LANES: 2,
    NATS_URLS: ['10.0.0.1:4222', '10.0.0.2:4222'],
    QUEUE_MESSAGES_MAX: 20_000,
  });
});

test('names every variable that is missing or wrong, and repeats no value', () => {
  const wrong = {
    ...complete,
    WRITE_URLS: undefined,
    TOKEN_SECRET: 'tooshort',
    PORT: '-1',
    READ_URLS: 'mysql://x',
  };
  expect(() => parseConfig(wrong)).toThrow(/PORT.*WRITE_URLS.*READ_URLS.*TOKEN_SECRET/s);
  expect(() => parseConfig(wrong)).not.toThrow(/tooshort/);
});

test('takes several databases, each with its two ways', () => {
  const urls = (port: number) => `postgres://x@127.0.0.1:${port}/chat, postgres://x@10.0.0.2/chat`;
  const several = { ...complete, WRITE_URLS: urls(5000), READ_URLS: urls(5001) };
  expect(parseConfig(several).WRITE_URLS).toHaveLength(2);
  expect(() => parseConfig({ ...several, READ_URLS: complete.READ_URLS })).toThrow(
    /as many READ_URLS as WRITE_URLS/,
  );
});

test('takes a file of keys in the place of one secret, and needs one of the two', () => {
  const { TOKEN_SECRET: _, ...without } = complete;
  expect(() => parseConfig(without)).toThrow(/TOKEN_SECRET or a TOKEN_KEYS_FILE/);
  const config = parseConfig({ ...without, TOKEN_KEYS_FILE: '/run/keys.json' });
  expect(config.TOKEN_SECRET).toBeUndefined();
});

test('lets a company, or an edge with all its users, come back at once', () => {
  const config = parseConfig(complete);
  expect(config.PROXY_PROTOCOL).toBe(false);
  const limits = createRequestLimits({
    userRequests: { rateHz: config.USER_REQUESTS_HZ, burst: config.USER_REQUESTS_BURST },
    addressRequests: { rateHz: config.ADDRESS_REQUESTS_HZ, burst: config.ADDRESS_REQUESTS_BURST },
    addressLogins: { rateHz: config.ADDRESS_LOGINS_HZ, burst: config.ADDRESS_LOGINS_BURST },
  });
  // Each logs in, joins and sends a message within one second.
  const waits = Array.from({ length: 20_000 }, (_, user) => {
    const nowMs = user / 20;
    return [
      limits.login('edge', nowMs),
      limits.request(user, 'edge', nowMs),
      limits.request(user, 'edge', nowMs),
    ];
  });
  expect(waits.flat().every((waitMs) => waitMs === 0)).toBe(true);
});

test('a server does everything unless it is told which part', () => {
  expect(parseConfig(complete).ROLES).toEqual(['gateway', 'ingest', 'history']);
  expect(parseConfig({ ...complete, ROLES: 'ingest, history' }).ROLES).toEqual([
    'ingest',
    'history',
  ]);
  expect(() => parseConfig({ ...complete, ROLES: 'ingest,cook' })).toThrow(/ROLES/);
  expect(() => parseConfig({ ...complete, ROLES: '' })).toThrow(/ROLES/);
});

test('only a gateway needs to know how tokens are signed', () => {
  const { TOKEN_SECRET: _, ...without } = complete;
  expect(parseConfig({ ...without, ROLES: 'ingest' }).TOKEN_SECRET).toBeUndefined();
  expect(() => parseConfig({ ...without, ROLES: 'gateway' })).toThrow(/TOKEN_SECRET/);
});
