/**
 * Serves pages of history to gateways. The gateway says how far its own feed of
 * the channel has published; the newest page ends there, exactly: an older one
 * would take its reader back in time here, a newer one elsewhere, where the
 * feed stands a little further back.
 *
 * The channel's feed here is only what the newest pages are cached by, and is
 * believed only where it has come as far.
 */
import type { Bus, Serving } from './bus.ts';
import type { Feeds, OpenFeed } from './feeds.ts';
import type { Metrics } from './metrics.ts';
import { pageReply, parsePageRequest, type PageReply, type PageRequest } from './page-request.ts';
import type { Pages, Standpoint } from './pages.ts';
import { subjectOf } from './roles.ts';

export interface ServeHistoryOptions {
  readonly bus: Bus;
  readonly database: number;
  readonly feeds: Feeds;
  readonly pages: Pages;
  readonly metrics: Metrics;
}

const seenFrom = (feed: OpenFeed, { channel, published }: PageRequest): Standpoint => ({
  channel,
  published,
  recentAfter: (sequence) =>
    (feed.published ?? -1) < published
      ? undefined
      : feed.recentAfter(sequence)?.filter((message) => message.sequence <= published),
});

export function serveHistory(options: ServeHistoryOptions): Serving {
  const { bus, database, feeds, pages, metrics } = options;

  async function replyTo(request: PageRequest): Promise<PageReply> {
    const feed = feeds.open(request.channel);
    try {
      const { before, limit } = request;
      return pageReply(await pages(seenFrom(feed, request), before, limit));
    } catch (error) {
      return { kind: 'refused', detail: String(error) };
    } finally {
      feed.close();
    }
  }

  return bus.serve(subjectOf('history', database), async (payload) => {
    const request = parsePageRequest(payload);
    if (request === undefined) throw new Error('a request that is none');
    const reply = await replyTo(request);
    metrics.requestsServed.inc({ role: 'history', answer: reply.kind });
    return JSON.stringify(reply);
  });
}
