/**
 * Feeds and joins over real databases: a primary, and a replica that lags,
 * which here is a second database that lacks the newest rows.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { numbers } from './testing/chat-service.ts';
import { startOwnPostgres, type OwnPostgres } from './testing/database.ts';
import { eventually } from './testing/eventually.ts';
import { fill, message, openFeeds, openReads } from './testing/feeds.ts';

let postgres: OwnPostgres;
beforeAll(async () => {
  postgres = await startOwnPostgres();
});
afterAll(() => postgres?.[Symbol.asyncDispose]());

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
