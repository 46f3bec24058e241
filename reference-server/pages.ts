/**
 * Pages of a channel's history for somebody who says where their view of the
 * channel stands: a page ends there, or before. A replica serves it; one that
 * lags behind is not believed, and the primary is asked. What neither has is
 * refused rather than left out.
 *
 * The newest page comes from memory where all of it is known there: from the
 * messages that the channel's feed holds, or a page read before and what was
 * published since.
 */
import { HISTORY_LIMIT_MAX } from './frames.ts';
import { createHistoryCache, type After } from './history-cache.ts';
import type { Message } from './message.ts';
import type { Metrics } from './metrics.ts';
import type { HistoryEntry } from './protocol.ts';
import type { Reads } from './reads.ts';

/** Where somebody's view of a channel stands. */
export interface Standpoint {
  readonly channel: number;
  /** Everything up to here was shown there. */
  readonly published: number;
  /** Everything after a sequence and up to `published`, if it is in memory. */
  recentAfter(sequence: number): readonly Message[] | undefined;
}

export interface PagesOptions {
  readonly reads: Reads;
  /** Messages kept for readers of newest pages; 0: each is read from the database. */
  readonly cachedMessagesMax: number;
  readonly metrics: Metrics;
}

/** As `Reads.history`; rejects when no database answered, or none has what is known to exist. */
export type Pages = (
  at: Standpoint,
  before: number,
  limit: number,
) => Promise<readonly HistoryEntry[]>;

const publishedAfter =
  (at: Standpoint): After =>
  (sequence) =>
    at
      .recentAfter(sequence)
      ?.map(({ sequence: place, key, author, body }) => [place, key, author, body] as const);

export function createPages({ reads, cachedMessagesMax, metrics }: PagesOptions): Pages {
  const cache = createHistoryCache(cachedMessagesMax, HISTORY_LIMIT_MAX);

  async function fromDatabase(channel: number, end: number, limit: number, last: number) {
    for (const source of ['replica', 'primary'] as const) {
      metrics.historyReads.inc({ source });
      const page = await reads.history(source, channel, end, limit);
      if ((page.at(-1)?.[0] ?? 0) >= last) return page;
    }
    throw new Error(`no database has message ${last} of channel ${channel} yet`);
  }

  async function newest(at: Standpoint, limit: number) {
    const { channel, published } = at;
    if (published === 0) return [];
    const known = cache.newest(channel, published, limit, publishedAfter(at));
    const source = known === undefined ? 'database' : 'cache';
    metrics.historyRequests.inc({ page: 'newest', source });
    if (known !== undefined) return known;
    const page = await fromDatabase(channel, published + 1, limit, published);
    cache.keep(channel, page, limit);
    return page;
  }

  async function older({ channel, published }: Standpoint, before: number, limit: number) {
    const last = Math.min(before - 1, published);
    // Beyond the newest message, or before the first.
    if (last < Math.max(1, before - limit)) return [];
    metrics.historyRequests.inc({ page: 'older', source: 'database' });
    return fromDatabase(channel, before, limit, last);
  }

  return (at, before, limit) => (before === 0 ? newest(at, limit) : older(at, before, limit));
}
