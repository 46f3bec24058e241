import { pbkdf2 } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createMetrics } from './metrics.ts';
import { eventually } from './testing/eventually.ts';
import { signToken, verifyToken } from './token.ts';
import { watchTokenKeys } from './token-keys.ts';

const old = 'an old secret, long enough';
const next = 'a new secret, long enough';
const plain = 'a secret without a name';

const slowHash = promisify(pbkdf2);

function watched(keys: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-keys-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'keys.json');
  const write = (text: string) => writeFileSync(file, text);
  write(JSON.stringify(keys));
  const lines: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const metrics = createMetrics();
  const tokenKeys = watchTokenKeys({ secret: plain, file, metrics, log });
  onTestFinished(() => tokenKeys[Symbol.dispose]());
  const verify = (token: string) => verifyToken(tokenKeys.current, token, Date.now());
  return { tokenKeys, write, verify, metrics, lines };
}

test('accepts tokens of every key, each by its id, and those that name none', async () => {
  const { verify } = watched({ old, next });
  expect(verify(await signToken(old, 1, 60, 'old'))).toEqual({ kind: 'valid', user: 1 });
  expect(verify(await signToken(next, 2, 60, 'next'))).toEqual({ kind: 'valid', user: 2 });
  expect(verify(await signToken(plain, 3, 60))).toEqual({ kind: 'valid', user: 3 });
  const mixedUp = verify(await signToken(old, 1, 60, 'next'));
  expect(mixedUp).toEqual({ kind: 'refused', reason: 'bad-signature' });
});

test('follows the file without a restart: a new key in, an old one out', async () => {
  const { verify, write } = watched({ old });
  const [before, after] = [
    await signToken(old, 1, 60, 'old'),
    await signToken(next, 1, 60, 'next'),
  ];
  expect(verify(after)).toEqual({ kind: 'refused', reason: 'unknown-key' });
  write(JSON.stringify({ old, next }));
  await eventually('the new key', () => verify(after).kind === 'valid');
  expect(verify(before).kind).toBe('valid');
  write(JSON.stringify({ next }));
  await eventually('the old key to be gone', () => verify(before).kind === 'refused');
  expect(verify(after).kind).toBe('valid');
});

test('misses no change, not even one in the moment in which it was read', async () => {
  // Whoever would look at the file in another thread has to wait meanwhile.
  const busyThreads = Array.from({ length: 8 }, () => slowHash('', '', 300_000, 64, 'sha512'));
  const { verify, write } = watched({ old });
  write(JSON.stringify({ old, next }));
  await Promise.all(busyThreads);
  const token = await signToken(next, 1, 60, 'next');
  await eventually('the new key', () => verify(token).kind === 'valid', 5_000);
});

test('keeps its keys when the file is broken, counts that, and quotes nothing of it', async () => {
  const { tokenKeys, verify, write, metrics, lines } = watched({ old });
  for (const broken of [`{"old": "${old}`, '{}', '{"old": "short"}']) {
    write(broken);
    tokenKeys.reload();
  }
  expect(verify(await signToken(old, 1, 60, 'old')).kind).toBe('valid');
  const [{ value } = { value: 0 }] = (await metrics.tokenKeyReloads.get()).values;
  expect(value).toBe(3);
  expect(lines).toHaveLength(3);
  expect(lines.join('')).not.toContain('secret');
  expect(lines.join('')).not.toContain('short');
});

test('does not start without a file that it was told of', () => {
  const log = pino({ level: 'silent' });
  const file = join(tmpdir(), 'no such file of keys');
  expect(() => watchTokenKeys({ secret: plain, file, metrics: createMetrics(), log })).toThrow(
    'no such file',
  );
});
