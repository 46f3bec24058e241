/**
 * Feeds and joins over real databases: a primary, and a replica that lags,
 * which here is a second database that lacks the newest rows.
 */
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Connection } from './connection.ts';
import { createFeeds } from './feeds.ts';
import { createHistory } from './history.ts';
import { startJoin } from './join.ts';
import type { Message } from './message.ts';
import { createMetrics } from './metrics.ts';
import { createReads, type Reads } from './reads.ts';
import { startPostgres, type TestDatabase, type TestPostgres } from './testing/database.ts';
import { eventually } from './testing/eventually.ts';
import { openLab, type Lab } from './testing/lab.ts';

let lab: Lab;
let postgres: TestPostgres;
beforeAll(async () => {
  lab = await openLab();
  postgres = await startPostgres(lab);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

const log = pino({ level: 'silent' });
const numbers = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
const message = (sequence: number): Message => ({
  channel: 1,
  sequence,
  key: `k${sequence}`,
  author: 0,
  body: `line ${sequence}`,
});

/** Puts messages 1 … `head` of channel 1 into a database. */
const fill = ({ query }: TestDatabase, head: number) =>
  query(
    `with stored as (
       insert into messages (key, channel, sequence, author, body)
       select 'k' || n, 1, n, 0, 'line ' || n from generate_series(1, $1::int) n
       on conflict do nothing
     )
     update channels set head = $1::int where id = 1`,
    [head],
  );

function openReads(replicaUrl: string, primaryUrl: string) {
  const metrics = createMetrics();
  const reads = createReads({
    replicaUrl,
    primaryUrl,
    connections: 2,
    timeoutMs: 1_000,
    applicationName: 'test reads',
    metrics,
    log,
  });
  return { reads, metrics };
}

/** Feeds whose output is recorded; `catchUpIntervalMs` is long unless the test is about it. */
function openFeeds(reads: Reads, catchUpIntervalMs = 60_000) {
  const metrics = createMetrics();
  const subscribers = new Map<Connection, string[]>();
  const published: Message[] = [];
  const feeds = createFeeds({
    reads,
    publish(_channel, frame) {
      for (const frames of subscribers.values()) frames.push(frame);
      const [, channel, sequence, key, author, body] = JSON.parse(frame) as [
        string,
        number,
        number,
        string,
        number,
        string,
      ];
      published.push({ channel, sequence, key, author, body });
      return subscribers.size;
    },
    gapPatienceMs: 20,
    catchUpIntervalMs,
    recentMessagesMax: 1_000,
    metrics,
    log,
  });
  /** Joins channel 1 and records what the socket would be sent. */
  function join(after: number) {
    const frames: string[] = [];
    const connection: Connection = {
      user: 0,
      address: '127.0.0.1',
      isOpen: true,
      send: (frame) => void frames.push(frame),
      sendAlong: (frame) => void frames.push(frame),
      subscribe: () => void subscribers.set(connection, frames),
      unsubscribe: () => void subscribers.delete(connection),
      drained: () => Promise.resolve(),
      end: () => undefined,
    };
    const joined = startJoin({ feeds, reads, metrics, log }, connection, 1, after);
    const kinds = () => frames.map((frame) => JSON.parse(frame) as [string, number, number]);
    return {
      [Symbol.dispose]: () => joined.cancel(),
      /** Sequences received, in order. */
      received: () => kinds().flatMap(([kind, , at]) => (kind === 'message' ? [at] : [])),
      /** The head it was told it is level with. */
      joinedAt: () => kinds().find(([kind]) => kind === 'joined')?.[2],
    };
  }
  return { feeds, published, join };
}

test('reads from the primary what no replica serves', async () => {
  await using primary = await postgres.create(3, 2);
  await fill(primary, 3);
  const nobody = new URL(primary.url);
  nobody.port = '1';
  const { reads, metrics } = openReads(nobody.href, primary.url);
  await using _ = reads;
  expect(
    await Promise.all([reads.channelsOf(0), reads.channelsOf(1), reads.channelsOf(9)]),
  ).toEqual([[1, 2, 3], [1, 2, 3], []]);
  expect(await reads.head('replica', 1)).toBe(3);
  expect(await reads.messagesAfter('replica', { channel: 1, after: 2 })).toEqual([message(3)]);
  expect(await reads.history('replica', 1, 3, 1)).toEqual([[2, 'k2', 0, 'line 2']]);
  expect((await metrics.readFallbacks.get()).values[0]?.value).toBe(4);
});

test('lets in the users a replica knows while the primary is away, and no others', async () => {
  await using replica = await postgres.create(2, 1);
  const nobody = `postgres://postgres@${postgres.service.address}:1/chat`;
  const { reads } = openReads(replica.url, nobody);
  await using _ = reads;
  const [known, unknown] = await Promise.allSettled([reads.channelsOf(0), reads.channelsOf(77)]);
  expect(known).toEqual({ status: 'fulfilled', value: [1, 2] });
  expect(unknown.status).toBe('rejected');
});

test('says so when neither replica nor primary can be read', async () => {
  const nobody = `postgres://postgres@${postgres.service.address}:1/chat`;
  const { reads } = openReads(nobody, nobody);
  await using _ = reads;
  await expect(reads.channelsOf(1)).rejects.toThrow('ECONNREFUSED');
  await expect(reads.newerHeads([{ channel: 1, after: 0 }])).rejects.toThrow('ECONNREFUSED');
});

test('fills a gap from the database, and publishes in order and once', async () => {
  await using primary = await postgres.create(1);
  await fill(primary, 0);
  const { reads } = openReads(primary.url, primary.url);
  await using _ = reads;
  const { feeds, published, join } = openFeeds(reads);
  using __ = feeds;
  using user = join(0);
  await eventually('the join', () => user.joinedAt() === 0);
  await fill(primary, 300);
  for (const sequence of [2, 300, 1, 2, 299]) feeds.offer([message(sequence)]);
  await eventually('all messages', () => published.length >= 300);
  expect(published).toEqual(numbers(1, 300).map(message));
  expect(user.received()).toEqual(numbers(1, 300));
});

test('asks the primary for what a lagging replica does not have', async () => {
  await using primary = await postgres.create(1);
  await using replica = await postgres.create(1);
  await fill(primary, 250);
  await fill(replica, 120);
  const { reads } = openReads(replica.url, primary.url);
  await using _ = reads;
  const { feeds, published, join } = openFeeds(reads);
  using __ = feeds;
  using user = join(0);
  await eventually('the join', () => user.joinedAt() === 120);
  expect(user.received()).toEqual(numbers(1, 120));
  feeds.offer([message(250)]);
  await eventually('all messages', () => published.length >= 130);
  expect(published.map(({ sequence }) => sequence)).toEqual(numbers(121, 250));
  expect(user.received()).toEqual(numbers(1, 250));
  // A late joiner whose messages have left the memory of this server, in part.
  using late = join(90);
  await eventually('the join', () => late.joinedAt() === 250);
  expect(late.received()).toEqual(numbers(91, 250));
});

test('finds in time what nobody announced', async () => {
  await using primary = await postgres.create(1);
  const { reads } = openReads(primary.url, primary.url);
  await using _ = reads;
  const { feeds, published, join } = openFeeds(reads, 50);
  using __ = feeds;
  using user = join(0);
  await eventually('the join', () => user.joinedAt() === 0);
  await fill(primary, 10);
  await eventually('all messages', () => published.length >= 10);
  expect(user.received()).toEqual(numbers(1, 10));
});

test('makes a user who has seen more than the replica wait, and sends nothing twice', async () => {
  await using primary = await postgres.create(1);
  await using replica = await postgres.create(1);
  await fill(primary, 10);
  await fill(replica, 4);
  const { reads } = openReads(replica.url, primary.url);
  await using _ = reads;
  const { feeds, join } = openFeeds(reads);
  using __ = feeds;
  using behind = join(2);
  using ahead = join(8);
  await eventually('both joins', () => behind.joinedAt() !== undefined && ahead.joinedAt());
  await eventually('the rest', () => behind.received().at(-1) === 10);
  expect(behind.received()).toEqual(numbers(3, 10));
  expect(ahead.received()).toEqual(numbers(9, 10));
  await fill(primary, 11);
  feeds.offer([message(11)]);
  expect(behind.received()).toEqual(numbers(3, 11));
  expect(ahead.received()).toEqual(numbers(9, 11));
});

test('keeps a join waiting while no database answers, and completes it afterwards', async () => {
  await using primary = await postgres.create(1);
  await fill(primary, 5);
  const { reads } = openReads(primary.url, primary.url);
  await using _ = reads;
  const { feeds, join } = openFeeds(reads);
  using __ = feeds;
  const held = await postgres.service.holdDown();
  using user = join(0);
  using other = join(3);
  await expect(reads.head('primary', 1)).rejects.toThrow(/ECONNREFUSED|terminated|timeout/);
  expect(user.joinedAt()).toBeUndefined();
  await held[Symbol.asyncDispose]();
  await eventually('both joins', () => user.joinedAt() === 5 && other.joinedAt() === 5);
  expect(user.received()).toEqual(numbers(1, 5));
  expect(other.received()).toEqual(numbers(4, 5));
});

test('sends again what a user asks for again', async () => {
  await using primary = await postgres.create(1);
  await fill(primary, 5);
  const { reads } = openReads(primary.url, primary.url);
  await using _ = reads;
  const { feeds, join } = openFeeds(reads);
  using __ = feeds;
  const first = join(0);
  await eventually('the join', () => first.joinedAt() === 5);
  first[Symbol.dispose]();
  using again = join(3);
  await eventually('the second join', () => again.joinedAt() === 5);
  feeds.offer([message(6)]);
  expect(first.received()).toEqual(numbers(1, 5));
  expect(again.received()).toEqual(numbers(4, 6));
});

test.each([0, 1_000])(
  'history ends where the feed stands, whatever the replica that is asked still lacks (cache of %i messages)',
  async (cachedMessagesMax) => {
    await using primary = await postgres.create(1);
    await using replica = await postgres.create(1);
    await fill(primary, 12);
    await fill(replica, 9);
    const { reads, metrics } = openReads(replica.url, primary.url);
    await using _ = reads;
    const { feeds } = openFeeds(reads);
    using _feeds = feeds;
    const history = createHistory({ feeds, reads, metrics, cachedMessagesMax });
    const places = async (before: number, limit: number) =>
      (await history(1, before, limit)).map(([sequence]) => sequence);
    // The feed began with what the replica knew.
    expect(await places(0, 3)).toEqual([7, 8, 9]);
    feeds.offer([message(10), message(11)]);
    expect(await places(0, 3)).toEqual([9, 10, 11]);
    expect(await places(5, 2)).toEqual([3, 4]);
    expect(await places(100, 3)).toEqual([]);
  },
);

test('history that no database has yet is refused, not cut short', async () => {
  await using primary = await postgres.create(1);
  await fill(primary, 2);
  const { reads, metrics } = openReads(primary.url, primary.url);
  await using _ = reads;
  const { feeds } = openFeeds(reads);
  using _feeds = feeds;
  const history = createHistory({ feeds, reads, metrics, cachedMessagesMax: 0 });
  expect(await history(1, 0, 9)).toHaveLength(2);
  feeds.offer([message(3)]);
  await expect(history(1, 0, 9)).rejects.toThrow('no database has message 3 of channel 1 yet');
});

test('a page that was read once is served from memory, and as new as the feed', async () => {
  await using primary = await postgres.create(1);
  await fill(primary, 30);
  const { reads, metrics } = openReads(primary.url, primary.url);
  await using _ = reads;
  const { feeds } = openFeeds(reads);
  using _feeds = feeds;
  const history = createHistory({ feeds, reads, metrics, cachedMessagesMax: 1_000 });
  const readsSoFar = async () =>
    (await metrics.historyReads.get()).values.reduce((sum, { value }) => sum + value, 0);
  expect((await history(1, 0, 20)).map(([sequence]) => sequence)).toEqual(numbers(11, 30));
  expect(await readsSoFar()).toBe(1);
  feeds.offer([message(31)]);
  const grown = await history(1, 0, 20);
  expect(grown.map(([sequence]) => sequence)).toEqual(numbers(12, 31));
  expect(await readsSoFar()).toBe(1);
  // The same, to the letter, as the database would have it.
  await fill(primary, 31);
  expect(grown).toEqual(await reads.history('primary', 1, 32, 20));
  await history(1, 25, 5);
  expect(await readsSoFar()).toBe(2);
});
