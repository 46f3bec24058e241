import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { deliveryNumber, digestOfSum } from './delivery-digest.ts';
import { Listener } from './listener.ts';
import { messageKey } from './schedule.ts';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const self = { user: 7, channels: [12, 40] };

function hear(frames: readonly (readonly unknown[])[]): readonly string[] {
  const times: string[] = [];
  const listener = new Listener({ add: (text) => void times.push(text) }, 'r1', md5, self);
  for (const frame of frames) listener.add(JSON.stringify(frame));
  expect(times).toHaveLength(frames.length);
  return listener.lines(5_000);
}

const first = ['message', 12, 1, messageKey('r1', 3, 0), 3, 'hello "there"'] as const;
const second = ['message', 12, 2, messageKey('r1', 4, 9), 4, 'and you'] as const;

test('has one line for each channel, of what it was shown there', () => {
  const hash = Number.parseInt(md5('hello "there"').slice(0, 8), 16);
  const number = deliveryNumber(1, { user: 3, n: 0 }, 3, hash);
  expect(hear([first])).toEqual([`V 5000 7 12 ${digestOfSum(number)}`, 'V 5000 7 40 0']);
});

test('does not mind the order, and nothing else is the same', () => {
  const usual = hear([first, second]);
  expect(hear([second, first])).toEqual(usual);
  const others = [
    [first],
    [first, first],
    [first, [...second.slice(0, 5), 'and you?']],
    [first, ['message', 12, 3, ...second.slice(3)]],
    [first, ['message', 40, 2, ...second.slice(3)]],
    [first, [...second.slice(0, 3), messageKey('r1', 4, 8), 4, 'and you']],
    [first, [...second.slice(0, 3), 'foreign', 4, 'and you']],
    [first, [...second.slice(0, 4), 5, 'and you']],
  ];
  for (const frames of others) expect(hear(frames)).not.toEqual(usual);
});

test('takes a body’s hash as the row ledgers have it: signed or not is the same', () => {
  const key = { user: 1, n: 2 };
  expect(deliveryNumber(1, key, 1, 0xdeadbeef)).toBe(deliveryNumber(1, key, 1, 0xdeadbeef | 0));
});
