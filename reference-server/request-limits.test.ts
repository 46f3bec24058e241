import { expect, test } from 'vitest';
import { createRequestLimits } from './request-limits.ts';

const generous = { rateHz: 1_000, burst: 1_000 };

test('limits a user who floods, and not the others at the same address', () => {
  const limits = createRequestLimits({
    userRequests: { rateHz: 5, burst: 10 },
    addressRequests: generous,
    addressLogins: generous,
  });
  const granted = Array.from({ length: 100 }, () => limits.request(1, 'a', 0) === 0);
  expect(granted.filter(Boolean)).toHaveLength(10);
  expect(limits.request(2, 'a', 0)).toBe(0);
});

test('limits an address, however many users it has, and not other addresses', () => {
  const limits = createRequestLimits({
    userRequests: generous,
    addressRequests: { rateHz: 5, burst: 10 },
    addressLogins: { rateHz: 5, burst: 3 },
  });
  const granted = Array.from({ length: 100 }, (_, user) => limits.request(user, 'a', 0) === 0);
  expect(granted.filter(Boolean)).toHaveLength(10);
  expect(limits.request(200, 'b', 0)).toBe(0);
  const logins = Array.from({ length: 10 }, () => limits.login('a', 0) === 0);
  expect(logins.filter(Boolean)).toHaveLength(3);
  expect(limits.login('b', 0)).toBe(0);
});
