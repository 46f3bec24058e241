import { expect, test } from 'vitest';
import { createLogin } from './login.ts';
import { signToken, tokenKey, verifyToken } from './token.ts';

const secret = 'a secret of enough length';
const key = tokenKey(secret);

function countingLogin(channelsOf = async (user: number) => [user * 10]) {
  let verifications = 0;
  let nowMs = Date.now();
  const login = createLogin({
    verify(token) {
      verifications += 1;
      return verifyToken(key, token);
    },
    channelsOf,
    now: () => nowMs,
  });
  const passMs = (ms: number) => (nowMs += ms);
  return { login, verifications: () => verifications, passMs };
}

test('lets a bearer in with their channels, and verifies a token only once', async () => {
  const { login, verifications } = countingLogin();
  const authorization = `Bearer ${await signToken(secret, 3, 60)}`;
  const expected = { kind: 'ok', user: 3, channels: [30] };
  expect(await login(authorization)).toEqual(expected);
  expect(await login(authorization)).toEqual(expected);
  expect(verifications()).toBe(1);
});

test('verifies a remembered token anew once it has expired', async () => {
  const { login, verifications, passMs } = countingLogin();
  const authorization = `Bearer ${await signToken(secret, 3, 60)}`;
  await login(authorization);
  passMs(58_000);
  await login(authorization);
  expect(verifications()).toBe(1);
  passMs(2_001);
  await login(authorization);
  expect(verifications()).toBe(2);
});

test.each([
  ['', 'missing'],
  ['Basic dTpw', 'missing'],
  ['Bearer x', 'malformed'],
])('refuses the header "%s"', async (authorization, reason) => {
  expect(await countingLogin().login(authorization)).toEqual({ kind: 'refused', reason });
});

test('asks a user to come again when the members table cannot be read', async () => {
  const { login } = countingLogin(() => Promise.reject(new Error('no database')));
  const authorization = `Bearer ${await signToken(secret, 3, 60)}`;
  expect(await login(authorization)).toEqual({ kind: 'unavailable' });
});
