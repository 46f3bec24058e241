/**
 * A page of a channel's history, never older than what the channel's members
 * were shown live: the newest page ends exactly where this server's feed
 * stands. A replica serves it; one that lags behind the feed is not believed,
 * and the primary is asked. What neither has is refused rather than left out.
 *
 * So a reader is never taken back in time, also by another server: whoever has
 * joined a channel there has brought its feed to at least what it knew.
 *
 * The newest page is served from memory where all of it is known there (the
 * feed's recent messages, or a page read before and what was published since):
 * it too ends exactly where the feed stands.
 *
 * Limit: a reader who has not joined the channel has told nobody what it knows.
 */
import type { Feeds, OpenFeed } from './feeds.ts';
import { HISTORY_LIMIT_MAX } from './frames.ts';
import { createHistoryCache, type After } from './history-cache.ts';
import type { Metrics } from './metrics.ts';
import type { HistoryEntry } from './protocol.ts';
import type { Reads } from './reads.ts';

export interface HistoryOptions {
  readonly feeds: Feeds;
  readonly reads: Reads;
  /** Messages kept for readers of newest pages; 0: each is read from the database. */
  readonly cachedMessagesMax: number;
  readonly metrics: Metrics;
}

/** As `Reads.history`; rejects when no database answered, or none has what is known to exist. */
export type History = (
  channel: number,
  before: number,
  limit: number,
) => Promise<readonly HistoryEntry[]>;

const publishedAfter =
  (feed: OpenFeed): After =>
  (sequence) =>
    feed
      .recentAfter(sequence)
      ?.map(({ sequence: place, key, author, body }) => [place, key, author, body] as const);

export function createHistory(options: HistoryOptions): History {
  const { feeds, reads, metrics } = options;
  const cache = createHistoryCache(options.cachedMessagesMax, HISTORY_LIMIT_MAX);

  async function fromDatabase(channel: number, end: number, limit: number, last: number) {
    for (const source of ['replica', 'primary'] as const) {
      metrics.historyReads.inc({ source });
      const page = await reads.history(source, channel, end, limit);
      if ((page.at(-1)?.[0] ?? 0) >= last) return page;
    }
    throw new Error(`no database has message ${last} of channel ${channel} yet`);
  }

  async function newest(feed: OpenFeed, channel: number, limit: number) {
    const published = feed.published ?? 0;
    if (published === 0) return [];
    const known = cache.newest(channel, published, limit, publishedAfter(feed));
    const source = known === undefined ? 'database' : 'cache';
    metrics.historyRequests.inc({ page: 'newest', source });
    if (known !== undefined) return known;
    const page = await fromDatabase(channel, published + 1, limit, published);
    cache.keep(channel, page, limit);
    return page;
  }

  async function older(feed: OpenFeed, channel: number, before: number, limit: number) {
    const last = Math.min(before - 1, feed.published ?? 0);
    // Beyond the newest message, or before the first.
    if (last < Math.max(1, before - limit)) return [];
    metrics.historyRequests.inc({ page: 'older', source: 'database' });
    return fromDatabase(channel, before, limit, last);
  }

  return async (channel, before, limit) => {
    const feed = feeds.open(channel);
    try {
      await feed.started;
      return await (before === 0
        ? newest(feed, channel, limit)
        : older(feed, channel, before, limit));
    } finally {
      feed.close();
    }
  };
}
