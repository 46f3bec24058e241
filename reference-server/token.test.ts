import { SignJWT, UnsecuredJWT } from 'jose';
import { expect, test } from 'vitest';
import { signToken, tokenKey, verifyToken } from './token.ts';

const secret = 'a secret of enough length';
const key = tokenKey(secret);

const signed = (change: (token: SignJWT) => SignJWT, alg = 'HS256', by = secret) =>
  change(
    new SignJWT()
      .setProtectedHeader({ alg })
      .setSubject('7')
      .setAudience('chat')
      .setExpirationTime('1 minute'),
  ).sign(tokenKey(by));

test('accepts a token it signed, and says whose it is', async () => {
  const result = await verifyToken(key, await signToken(secret, 19_999, 60));
  expect(result).toMatchObject({ kind: 'valid', user: 19_999 });
  expect(result.kind === 'valid' && result.expiresAtMs - Date.now()).toBeGreaterThan(58_000);
});

test.each([
  ['no token', async () => '', 'missing'],
  ['something that is no token', async () => 'a.b.c', 'malformed'],
  ['an expired token', () => signToken(secret, 1, -1), 'expired'],
  ['a forged token', () => signToken('another secret, as long', 1, 60), 'bad-signature'],
  ['another algorithm', () => signed((token) => token, 'HS512'), 'wrong-algorithm'],
  [
    'an unsigned token',
    async () => new UnsecuredJWT().setSubject('7').setAudience('chat').encode(),
    'wrong-algorithm',
  ],
  ['another audience', () => signed((token) => token.setAudience('shop')), 'wrong-claim'],
  ['a subject that is no user', () => signed((token) => token.setSubject('-1')), 'wrong-claim'],
  [
    'a token that never expires',
    () =>
      new SignJWT()
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject('7')
        .setAudience('chat')
        .sign(key),
    'wrong-claim',
  ],
])('refuses %s', async (_, token, reason) => {
  expect(await verifyToken(key, await token())).toEqual({ kind: 'refused', reason });
});
