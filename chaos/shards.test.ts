import { expect, test } from 'vitest';
import { planSchema } from './plan.ts';
import { shardsOf } from './shards.ts';

const OPEN_FILES = 20_000;
const shardsAt = (users: number, kind: string, cores: number, rest: object = {}): number =>
  shardsOf(
    planSchema.parse({ users, steadySec: 180, faults: [], shape: { kind }, ...rest }),
    OPEN_FILES,
    cores,
  );

test('few users with little to send are one process, many as many as their sockets take', () => {
  expect(shardsAt(500, 'steady', 2)).toBe(1);
  expect(shardsAt(5_000, 'steady', 2)).toBe(1);
  expect(shardsAt(20_000, 'steady', 2)).toBe(2);
  expect(shardsAt(60_000, 'steady', 2)).toBe(6);
});

test('a burst of messages is spread over more of them, as far as there are cores', () => {
  // 5 × 83 messages/s.
  expect(shardsAt(5_000, 'spike', 2)).toBe(2);
  expect(shardsAt(20_000, 'spike', 1)).toBe(2);
  expect(shardsAt(1_000, 'spike', 2)).toBe(1);
  expect(shardsAt(500, 'steady', 2, { intervalSec: 0.5 })).toBe(4);
});

test('so are users who all come back at once', () => {
  expect(shardsAt(12_000, 'reconnect-storm', 2)).toBe(4);
  expect(shardsAt(6_000, 'reconnect-storm', 2)).toBe(2);
  expect(shardsAt(200, 'reconnect-storm', 2)).toBe(1);
});
