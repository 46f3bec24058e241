/**
 * Pages from history servers: one of them is asked, with the place where this
 * server's feed stands. What does not fit into one answer is asked for on from
 * where it ends; what was lost with a NATS server is asked for once more, unless
 * that was this server's own. Nobody there, no answer in time, or a newest page
 * that does not end where the feed stands: rejected, and the reader is told that
 * history is not to be had now.
 */
import type { Answer, Bus } from './bus.ts';
import type { Metrics } from './metrics.ts';
import { parsePageReply, type PageRequest } from './page-request.ts';
import type { Pages } from './pages.ts';
import { databaseOf } from './placement.ts';
import type { HistoryEntry } from './protocol.ts';
import { subjectOf } from './roles.ts';

export interface RemotePagesOptions {
  readonly bus: Bus;
  readonly databases: number;
  readonly timeoutMs: number;
  readonly metrics: Metrics;
}

export function createRemotePages(options: RemotePagesOptions): Pages {
  const { bus, databases, timeoutMs, metrics } = options;

  async function askOnce(request: PageRequest): Promise<Answer> {
    const subject = subjectOf('history', databaseOf(request.channel, databases));
    const answer = await bus.request(subject, JSON.stringify(request), timeoutMs);
    metrics.requestsSent.inc({ role: 'history', outcome: answer.kind });
    return answer;
  }

  async function ask(request: PageRequest) {
    const first = await askOnce(request);
    const answer = first.kind === 'lost' ? await askOnce(request) : first;
    if (answer.kind !== 'answered') throw new Error(`${answer.kind}: ${answer.detail}`);
    const reply = parsePageReply(answer.payload);
    if (reply?.kind === 'page') return reply;
    throw new Error(reply?.detail ?? 'an answer that is none');
  }

  return async ({ channel, published }, before, limit) => {
    if (before === 0 && published === 0) return [];
    let page: readonly HistoryEntry[] = [];
    let end = before;
    for (;;) {
      const { entries, isWhole } = await ask({
        ...{ channel, published },
        before: end,
        limit: limit - page.length,
      });
      if (end === 0 && entries.at(-1)?.[0] !== published) {
        throw new Error(`a page of channel ${channel} that does not end with ${published}`);
      }
      page = [...entries, ...page];
      const [oldest] = entries[0] ?? [];
      if (isWhole || oldest === undefined || page.length >= limit) return page;
      end = oldest;
    }
  };
}
