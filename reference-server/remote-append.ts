/**
 * A lane's connection where this server stores nothing itself: it asks one of
 * the ingests. To the lane it is what a connection to the database is, with
 * the same promise: `stored` only when a replicated commit was confirmed for
 * every message of the batch. Nobody there, no answer in time, an answer that
 * is none: not confirmed, and the lane sends the same again with the same keys,
 * to whichever ingest comes next. One that has the batch still, and stores it
 * late, finds it stored.
 *
 * So the order within a channel is kept by the lane, which has one batch under
 * way, as with a database; between ingests there is no order, and none needed.
 */
import type { AppendConnection, AppendOutcome } from './append.ts';
import { encodeDrafts, parseAppendReply } from './append-request.ts';
import type { Bus } from './bus.ts';
import type { Metrics } from './metrics.ts';
import { subjectOf } from './roles.ts';

export interface RemoteAppendOptions {
  readonly bus: Bus;
  readonly database: number;
  readonly timeoutMs: number;
  readonly metrics: Metrics;
}

const REASON_OF = { nobody: 'connection', late: 'timeout', lost: 'connection' } as const;

export function openRemoteAppend(options: RemoteAppendOptions): AppendConnection {
  const { bus, timeoutMs, metrics } = options;
  const subject = subjectOf('ingest', options.database);

  async function ask(payload: string): Promise<AppendOutcome> {
    const answer = await bus.request(subject, payload, timeoutMs);
    metrics.requestsSent.inc({ role: 'ingest', outcome: answer.kind });
    if (answer.kind !== 'answered') {
      return { kind: 'unconfirmed', reason: REASON_OF[answer.kind], detail: answer.detail };
    }
    const reply = parseAppendReply(answer.payload);
    switch (reply?.kind) {
      case undefined:
        return { kind: 'unconfirmed', reason: 'connection', detail: 'an answer that is none' };
      case 'busy':
        return { kind: 'unconfirmed', reason: 'busy', detail: reply.detail };
      case 'refused':
        return { kind: 'refused', sqlState: '', detail: reply.detail };
      case 'stored':
        return {
          kind: 'stored',
          places: reply.sequences.map((sequence) => ({
            sequence: sequence ?? 0,
            conflict: sequence === null,
          })),
        };
    }
  }

  return {
    async append(drafts) {
      const places: { readonly sequence: number; readonly conflict: boolean }[] = [];
      // One after the other, for the order; nearly always there is one.
      for (const payload of encodeDrafts(drafts)) {
        const outcome = await ask(payload);
        if (outcome.kind !== 'stored') return outcome;
        places.push(...outcome.places);
      }
      if (places.length === drafts.length) return { kind: 'stored', places };
      const detail = `${places.length} places for ${drafts.length} messages`;
      return { kind: 'unconfirmed', reason: 'connection', detail };
    },
    isSpent: false,
    [Symbol.dispose]: () => undefined,
  };
}
