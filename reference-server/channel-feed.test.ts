import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AHEAD_MAX, createChannelFeed } from './channel-feed.ts';
import type { Message } from './message.ts';

const message = (sequence: number): Message => ({
  channel: 1,
  sequence,
  key: `k${sequence}`,
  author: 0,
  body: '',
});
const sequences = (messages: readonly Message[]) => messages.map(({ sequence }) => sequence);

test('holds everything back until it knows where its channel stands', () => {
  const feed = createChannelFeed(1);
  expect(feed.offer(message(8))).toEqual([]);
  expect(feed.offer(message(7))).toEqual([]);
  expect(feed.published).toBeUndefined();
  expect(sequences(feed.start(6))).toEqual([7, 8]);
  expect(feed.published).toBe(8);
});

test('holds back what comes after a gap, and says that it is behind', () => {
  const feed = createChannelFeed(1);
  feed.start(0);
  expect(feed.offer(message(2))).toEqual([]);
  expect(feed).toMatchObject({ published: 0, known: 2, isBehind: true });
  expect(sequences(feed.offer(message(1)))).toEqual([1, 2]);
  expect(feed).toMatchObject({ published: 2, isBehind: false });
});

test('is behind as soon as it learns of a message it has not seen', () => {
  const feed = createChannelFeed(1);
  feed.start(3);
  feed.learn(4);
  expect(feed.isBehind).toBe(true);
  expect(sequences(feed.offer(message(4)))).toEqual([4]);
  expect(feed.isBehind).toBe(false);
});

test('lets each message leave once and in order, however they arrive', () => {
  const arrivals = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 120 });
  fc.assert(
    fc.property(arrivals, fc.nat(10), fc.nat(20), (offered, head, startAt) => {
      const feed = createChannelFeed(1);
      const left: number[] = [];
      offered.forEach((sequence, index) => {
        if (index === startAt) left.push(...sequences(feed.start(head)));
        left.push(...sequences(feed.offer(message(sequence))));
      });
      if (feed.published === undefined) left.push(...sequences(feed.start(head)));
      // What can leave is exactly the unbroken run after the head.
      const expected: number[] = [];
      for (let next = head + 1; offered.includes(next); next++) expected.push(next);
      expect(left).toEqual(expected);
      expect(feed.known).toBe(Math.max(head, ...offered));
    }),
  );
});

test('bounds what it holds back, and still moves on', () => {
  const feed = createChannelFeed(1);
  feed.start(0);
  for (let sequence = 2; sequence <= AHEAD_MAX + 500; sequence++) feed.offer(message(sequence));
  expect(feed.offer(message(1)).length).toBe(AHEAD_MAX + 1);
  expect(feed).toMatchObject({ known: AHEAD_MAX + 500, isBehind: true });
  expect(sequences(feed.offer(message(AHEAD_MAX + 2)))).toEqual([AHEAD_MAX + 2]);
});
