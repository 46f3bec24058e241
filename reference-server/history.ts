/**
 * A page of a channel's history, never older than what the channel's members
 * were shown live: the newest page ends exactly where this server's feed
 * stands, whoever serves it (`pages.ts`, or a history server).
 *
 * So a reader is never taken back in time, also by another server: whoever has
 * joined a channel there has brought its feed to at least what it knew.
 *
 * Limit: a reader who has not joined the channel has told nobody what it knows.
 */
import type { Feeds } from './feeds.ts';
import { createPages, type Pages, type PagesOptions } from './pages.ts';
import type { HistoryEntry } from './protocol.ts';

export interface HistoryOptions extends PagesOptions {
  readonly feeds: Feeds;
}

/** As `Reads.history`; rejects when nobody has what is known to exist. */
export type History = (
  channel: number,
  before: number,
  limit: number,
) => Promise<readonly HistoryEntry[]>;

export const historyFrom =
  (feeds: Feeds, pages: Pages): History =>
  async (channel, before, limit) => {
    const feed = feeds.open(channel);
    try {
      await feed.started;
      const published = feed.published ?? 0;
      const recentAfter = (sequence: number) => feed.recentAfter(sequence);
      return await pages({ channel, published, recentAfter }, before, limit);
    } finally {
      feed.close();
    }
  };

export const createHistory = ({ feeds, ...options }: HistoryOptions): History =>
  historyFrom(feeds, createPages(options));
