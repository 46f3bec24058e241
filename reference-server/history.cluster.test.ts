/** Pages of history over real databases: a primary, and a replica that lags. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHistory } from './history.ts';
import { numbers } from './testing/chat-service.ts';
import { startOwnPostgres, type OwnPostgres } from './testing/database.ts';
import { fill, message, openFeeds, openReads } from './testing/feeds.ts';

let postgres: OwnPostgres;
beforeAll(async () => {
  postgres = await startOwnPostgres();
});
afterAll(() => postgres?.[Symbol.asyncDispose]());

/** As a server would have it whose feeds begin with what the replica knows. */
function openHistory(replicaUrl: string, primaryUrl: string, cachedMessagesMax: number) {
  const { reads, metrics } = openReads(replicaUrl, primaryUrl);
  const { feeds } = openFeeds(reads);
  return {
    ...{ reads, metrics, feeds },
    history: createHistory({ feeds, reads, metrics, cachedMessagesMax }),
    async [Symbol.asyncDispose]() {
      feeds[Symbol.dispose]();
      await reads[Symbol.asyncDispose]();
    },
  };
}

test.each([0, 1_000])(
  'history ends where the feed stands, whatever the replica that is asked still lacks (cache of %i messages)',
  async (cachedMessagesMax) => {
    await using primary = await postgres.create(1);
    await using replica = await postgres.create(1);
    await fill(primary, 12);
    await fill(replica, 9);
    await using opened = openHistory(replica.url, primary.url, cachedMessagesMax);
    const { feeds, history } = opened;
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
  await using opened = openHistory(primary.url, primary.url, 0);
  const { feeds, history } = opened;
  expect(await history(1, 0, 9)).toHaveLength(2);
  feeds.offer([message(3)]);
  await expect(history(1, 0, 9)).rejects.toThrow('no database has message 3 of channel 1 yet');
});

test('a page that was read once is served from memory, and as new as the feed', async () => {
  await using primary = await postgres.create(1);
  await fill(primary, 30);
  await using opened = openHistory(primary.url, primary.url, 1_000);
  const { feeds, history, reads, metrics } = opened;
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
