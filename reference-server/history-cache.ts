/**
 * The newest pages of channels whose history was read, so that the next reader
 * costs no query. A page only ever grows at its end, by what the channel's
 * feed has published since: messages never change and their sequences have no
 * gaps, so a page is as new as its last sequence and cannot be wrong before it.
 *
 * Bounded by messages over all channels; the channel that was not asked for
 * the longest goes first. Pure: who calls it says where the feed stands.
 */
import type { HistoryEntry } from './protocol.ts';

/** What has been published after a sequence, as far as it is still in memory. */
export type After = (sequence: number) => readonly HistoryEntry[] | undefined;

export interface HistoryCache {
  /** The last `limit` entries up to `published`; undefined: not all of them are here. */
  newest(
    channel: number,
    published: number,
    limit: number,
    after: After,
  ): readonly HistoryEntry[] | undefined;
  /** A page as the database holds it. One that has gaps, or less than was asked for, is not kept. */
  keep(channel: number, page: readonly HistoryEntry[], limit: number): void;
  /** Messages held. */
  readonly size: number;
}

/** `entriesMax` 0: nothing is kept, and nothing served. */
export function createHistoryCache(entriesMax: number, pageMax: number): HistoryCache {
  const pages = new Map<number, readonly HistoryEntry[]>();
  let size = 0;

  function drop(channel: number): void {
    size -= pages.get(channel)?.length ?? 0;
    pages.delete(channel);
  }

  function put(channel: number, page: readonly HistoryEntry[]): void {
    drop(channel);
    pages.set(channel, page);
    size += page.length;
    for (const oldest of pages.keys()) {
      if (size <= entriesMax) break;
      drop(oldest);
    }
  }

  const isWhole = (page: readonly HistoryEntry[], published: number, limit: number): boolean =>
    page.length >= Math.min(limit, published);

  return {
    newest(channel, published, limit, after) {
      if (entriesMax === 0) return undefined;
      const live = after(Math.max(0, published - limit));
      if (live !== undefined) return live.slice(-limit);
      const page = pages.get(channel);
      const last = page?.at(-1)?.[0];
      if (page === undefined || last === undefined || last > published) return undefined;
      const since = last === published ? [] : after(last);
      if (since === undefined) {
        drop(channel);
        return undefined;
      }
      const grown = [...page, ...since].slice(-pageMax);
      put(channel, grown);
      return isWhole(grown, published, limit) ? grown.slice(-limit) : undefined;
    },
    keep(channel, page, limit) {
      const first = page[0]?.[0];
      const last = page.at(-1)?.[0];
      if (entriesMax === 0 || first === undefined || last === undefined) return;
      const isUnbroken = last - first + 1 === page.length;
      if (!isUnbroken || !isWhole(page, last, limit)) return;
      // Somebody asked for more meanwhile: the longer page serves both.
      const held = pages.get(channel);
      if (held !== undefined && held.length >= page.length && (held.at(-1)?.[0] ?? 0) >= last)
        return;
      put(channel, page);
    },
    get size() {
      return size;
    },
  };
}
