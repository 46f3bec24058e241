/**
 * A page of a channel's history, never older than what the channel's members
 * were shown live: the newest page ends exactly where this server's feed
 * stands. A replica serves it; one that lags behind the feed is not believed,
 * and the primary is asked. What neither has is refused rather than left out.
 *
 * So a reader is never taken back in time, also by another server: whoever has
 * joined a channel there has brought its feed to at least what it knew.
 *
 * Limit: a reader who has not joined the channel has told nobody what it knows.
 */
import type { Feeds } from './feeds.ts';
import type { HistoryEntry } from './protocol.ts';
import type { Reads } from './reads.ts';

export interface HistoryOptions {
  readonly feeds: Feeds;
  readonly reads: Reads;
}

/** As `Reads.history`; rejects when no database answered, or none has what is known to exist. */
export type History = (
  channel: number,
  before: number,
  limit: number,
) => Promise<readonly HistoryEntry[]>;

export function createHistory({ feeds, reads }: HistoryOptions): History {
  async function publishedOf(channel: number): Promise<number> {
    const feed = feeds.open(channel);
    try {
      await feed.started;
      return feed.published ?? 0;
    } finally {
      feed.close();
    }
  }

  return async (channel, before, limit) => {
    const published = await publishedOf(channel);
    const end = before === 0 ? published + 1 : before;
    const last = Math.min(end - 1, published);
    // Beyond the newest message, or before the first.
    if (last < Math.max(1, end - limit)) return [];
    for (const source of ['replica', 'primary'] as const) {
      const page = await reads.history(source, channel, end, limit);
      if ((page.at(-1)?.[0] ?? 0) >= last) return page;
    }
    throw new Error(`no database has message ${last} of channel ${channel} yet`);
  };
}
