import pino from 'pino';
import { expect, test } from 'vitest';
import type { Connection, Farewell } from './connection.ts';
import type { Feeds } from './feeds.ts';
import { createMetrics } from './metrics.ts';
import type { ServerFrame } from './protocol.ts';
import type { Reads } from './reads.ts';
import { createRequestLimits } from './request-limits.ts';
import { createSessions } from './session.ts';

const unlimited = { rateHz: 1_000_000, burst: 1_000_000 };
const notCalled = (): never => {
  throw new Error('nobody asks for that here');
};

/** A user whose channels (all level at 7) are looked up when the test says so. */
function knocking() {
  const looked = Promise.withResolvers<readonly number[]>();
  const frames: ServerFrame[] = [];
  const ended: Farewell[] = [];
  let openFeeds = 0;
  let isOpen = true;
  const reads = { channelsOf: () => looked.promise } as Partial<Reads> as Reads;
  const feeds = {
    open() {
      openFeeds++;
      return {
        published: 7,
        started: Promise.resolve(),
        recentAfter: () => [],
        reach: notCalled,
        close: () => void openFeeds--,
      };
    },
  } as Partial<Feeds> as Feeds;
  const connection: Connection = {
    user: 3,
    address: '127.0.0.1',
    get isOpen() {
      return isOpen;
    },
    send: (frame) => void frames.push(JSON.parse(frame) as ServerFrame),
    sendAlong: (frame) => void frames.push(JSON.parse(frame) as ServerFrame),
    subscribe: () => undefined,
    unsubscribe: () => undefined,
    drained: () => Promise.resolve(),
    end: (farewell) => void ended.push(farewell),
  };
  const session = createSessions({
    ...{ feeds, reads, metrics: createMetrics(), log: pino({ level: 'silent' }), retryAfterMs: 1 },
    writer: { submit: notCalled, waiting: 0, drain: notCalled, [Symbol.dispose]: () => undefined },
    history: notCalled,
    limits: createRequestLimits({
      userRequests: unlimited,
      addressRequests: unlimited,
      addressLogins: unlimited,
    }),
  })(connection);
  return {
    ...{ session, frames, ended },
    openFeeds: () => openFeeds,
    async lookUp(channels: readonly number[]) {
      looked.resolve(channels);
      await looked.promise;
      // What waits for it runs before this.
      await new Promise((resolve) => setImmediate(resolve));
    },
    leave() {
      isOpen = false;
      session.closed();
    },
  };
}

test('who does not wait for the welcome is answered after it', async () => {
  const user = knocking();
  user.session.received('["join",[[1,7],[2,7]]]');
  expect(user.frames).toEqual([]);
  await user.lookUp([1, 2]);
  expect(user.frames).toEqual([
    ['welcome', 3, [1, 2]],
    ['joined', 1, 7],
    ['joined', 2, 7],
  ]);
  expect(user.openFeeds()).toBe(2);
  user.leave();
  expect(user.openFeeds()).toBe(0);
});

test('who left before its channels were known leaves nothing behind', async () => {
  const user = knocking();
  user.session.received('["join",[[1,7]]]');
  user.leave();
  await user.lookUp([1, 2]);
  expect(user.openFeeds()).toBe(0);
  expect(user.frames).toEqual([]);
});

test('who sends much before the welcome is sent away, and none of it is done', async () => {
  const user = knocking();
  for (let n = 0; n < 20; n++) user.session.received('["join",[[1,7]]]');
  expect(user.ended).toEqual([]);
  user.session.received('["join",[[1,7]]]');
  expect(user.ended).toEqual(['broke-the-rules']);
  await user.lookUp([1, 2]);
  expect(user.openFeeds()).toBe(0);
});
