/**
 * Stores what gateways ask to have stored. All gateways' messages go through
 * this server's own writer, so what they send within a few milliseconds shares
 * a commit. A request is answered when all of its messages are.
 *
 * The writer has no deadline here (`server.ts`): the gateways have one, and
 * taking back the first messages of a request while later ones are stored
 * would change the order within a channel. What the writer does not take is
 * `busy`, and the gateway asks again, here or elsewhere, with the same keys.
 *
 * Who asks for a key that is asked for already takes it over, as with the writer:
 * the request before is answered `busy`. Its gateway has given it up, most likely;
 * another gateway that waits for the same key asks again, and finds it stored.
 */
import { parseDrafts, type AppendReply } from './append-request.ts';
import type { Bus, Serving } from './bus.ts';
import type { Draft } from './message.ts';
import type { Metrics } from './metrics.ts';
import { subjectOf } from './roles.ts';
import type { SendResult, Writer } from './writer.ts';

export interface IngestOptions {
  readonly bus: Bus;
  readonly database: number;
  readonly writer: Writer;
  readonly metrics: Metrics;
}

/** One answer for all: what was not taken comes first, for it may be asked again. */
function replyOf(results: readonly SendResult[]): AppendReply {
  const sequences: (number | null)[] = [];
  let refused: string | undefined;
  for (const result of results) {
    if (result.kind === 'stored') sequences.push(result.sequence);
    else if (result.code === 'key-conflict') sequences.push(null);
    else if (result.code === 'bad-frame') refused ??= result.detail;
    else return { kind: 'busy', detail: result.detail };
  }
  return refused === undefined
    ? { kind: 'stored', sequences }
    : { kind: 'refused', detail: refused };
}

const TAKEN_OVER = {
  kind: 'refused',
  code: 'unconfirmed',
  detail: 'asked for once more meanwhile',
} as const;

export function serveIngest({ bus, database, writer, metrics }: IngestOptions): Serving {
  const store = (draft: Draft) =>
    new Promise<SendResult>((resolve) => writer.submit(draft, resolve, () => resolve(TAKEN_OVER)));

  return bus.serve(subjectOf('ingest', database), async (payload) => {
    const drafts = parseDrafts(payload);
    if (drafts === undefined) throw new Error('a request that is none');
    // All in one tick, so that nothing comes between the messages of a channel.
    const reply = replyOf(await Promise.all(drafts.map(store)));
    metrics.requestsServed.inc({ role: 'ingest', answer: reply.kind });
    return JSON.stringify(reply);
  });
}
