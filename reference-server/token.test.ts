import { SignJWT, UnsecuredJWT } from 'jose';
import { expect, test } from 'vitest';
import { signToken, verifyBearer, verifyToken } from './token.ts';
import { oneTokenKey, tokenKey } from './token-keys.ts';

const secret = 'a secret of enough length';
const key = tokenKey(secret);
const keys = oneTokenKey(secret);
const verify = (token: string, nowMs = Date.now()) => verifyToken(keys, token, nowMs);

const proper = (alg = 'HS256') =>
  new SignJWT()
    .setProtectedHeader({ alg })
    .setSubject('7')
    .setAudience('chat')
    .setExpirationTime('1 minute');
const without = (claim: 'sub' | 'aud' | 'exp') => {
  const claims = { sub: '7', aud: 'chat', exp: Math.floor(Date.now() / 1_000) + 60 };
  const { [claim]: _, ...others } = claims;
  return new SignJWT(others).setProtectedHeader({ alg: 'HS256' }).sign(key);
};

test('accepts a token it signed, and says whose it is', async () => {
  expect(verify(await signToken(secret, 19_999, 60))).toEqual({ kind: 'valid', user: 19_999 });
});

test('accepts what another library signed for several audiences', async () => {
  const token = await proper().setAudience(['shop', 'chat']).sign(key);
  expect(verify(token)).toEqual({ kind: 'valid', user: 7 });
});

test('accepts a token until its expiry, and no longer', async () => {
  const token = await proper().setExpirationTime(1_000_000).sign(key);
  expect(verify(token, 999_999_999)).toEqual({ kind: 'valid', user: 7 });
  expect(verify(token, 1_000_000_000)).toEqual({ kind: 'refused', reason: 'expired' });
});

test.each<readonly [string, () => string | Promise<string>, string]>([
  ['no token', () => '', 'missing'],
  ['something that is no token', () => 'a.b.c', 'malformed'],
  ['a token of four parts', async () => `${await signToken(secret, 1, 60)}.x`, 'malformed'],
  ['an endless token', () => 'x'.repeat(100_000), 'malformed'],
  ['an expired token', () => signToken(secret, 1, -1), 'expired'],
  ['a forged token', () => signToken('another secret, as long', 1, 60), 'bad-signature'],
  [
    'a token without its signature',
    async () => (await signToken(secret, 1, 60)).replace(/[^.]*$/, ''),
    'bad-signature',
  ],
  [
    'a signature taken from another token',
    async () => {
      const [head, , signature] = (await signToken(secret, 1, 60)).split('.');
      const [, body] = (await signToken(secret, 2, 60)).split('.');
      return `${head}.${body}.${signature}`;
    },
    'bad-signature',
  ],
  ['another algorithm', () => proper('HS512').sign(tokenKey('x'.repeat(64))), 'wrong-algorithm'],
  [
    'an unsigned token',
    () => new UnsecuredJWT().setSubject('7').setAudience('chat').encode(),
    'wrong-algorithm',
  ],
  ['another audience', () => proper().setAudience('shop').sign(key), 'wrong-audience'],
  ['a key that nobody knows', () => signToken(secret, 1, 60, 'unheard of'), 'unknown-key'],
  ['a subject that is no user', () => proper().setSubject('-1').sign(key), 'wrong-claim'],
  ['a token not valid yet', () => proper().setNotBefore('30 seconds').sign(key), 'wrong-claim'],
  ['a token without a subject', () => without('sub'), 'wrong-claim'],
  ['a token without an audience', () => without('aud'), 'wrong-claim'],
  ['a token that never expires', () => without('exp'), 'wrong-claim'],
])('refuses %s', async (_, token, reason) => {
  expect(verify(await token())).toEqual({ kind: 'refused', reason });
});

test('takes the token from an Authorization header', async () => {
  const token = await signToken(secret, 3, 60);
  expect(verifyBearer(keys, `Bearer ${token}`, Date.now())).toEqual({ kind: 'valid', user: 3 });
  for (const header of ['', token, `Basic ${token}`, `Bearer ${token} x`]) {
    expect(verifyBearer(keys, header, Date.now())).toEqual({ kind: 'refused', reason: 'missing' });
  }
});
