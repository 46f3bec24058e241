import { expect, test } from 'vitest';
import { parseConfig } from './config.ts';

const complete = {
  WRITE_URL: 'postgres://chat:secret@127.0.0.1:5000/chat',
  READ_URL: 'postgres://chat:secret@127.0.0.1:5001/chat',
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
    WRITE_URL: undefined,
    TOKEN_SECRET: 'tooshort',
    PORT: '-1',
    READ_URL: 'mysql://x',
  };
  expect(() => parseConfig(wrong)).toThrow(/PORT.*WRITE_URL.*READ_URL.*TOKEN_SECRET/s);
  expect(() => parseConfig(wrong)).not.toThrow(/tooshort/);
});
