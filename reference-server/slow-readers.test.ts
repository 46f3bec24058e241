import { expect, test } from 'vitest';
import { createSlowReaders } from './slow-readers.ts';

const reader = (isBehind = true) => ({ isBehind });
const patient = () =>
  createSlowReaders<ReturnType<typeof reader>>(30_000, ({ isBehind }) => isBehind);

test('finds who is behind for longer than the patience, once', () => {
  const slow = patient();
  const [sleeper, awake] = [reader(), reader(false)];
  expect(slow.look([sleeper, awake], 0)).toEqual([]);
  expect(slow.look([sleeper, awake], 29_999)).toEqual([]);
  expect(slow.look([sleeper, awake], 30_000)).toEqual([sleeper]);
  expect(slow.look([sleeper, awake], 30_001)).toEqual([]);
});

test('forgives who catches up in between', () => {
  const slow = patient();
  const one = reader();
  slow.look([one], 0);
  one.isBehind = false;
  slow.look([one], 20_000);
  one.isBehind = true;
  expect(slow.look([one], 40_000)).toEqual([]);
  expect(slow.look([one], 70_000)).toEqual([one]);
});

test('forgets who left', () => {
  const slow = patient();
  const one = reader();
  slow.look([one], 0);
  slow.look([], 20_000);
  expect(slow.look([one], 40_000)).toEqual([]);
});
