/**
 * Stores what others ask to have stored, all in the group commit of this
 * server (`group-commit.ts`), so what gateways send within a few milliseconds
 * shares a commit. A request is answered when all of its messages are stored.
 * What is not confirmed is `busy`, and the gateway asks again, here or
 * elsewhere, with the same keys; nothing of it is kept here.
 */
import type { AppendOutcome } from './append.ts';
import { parseDrafts, type AppendReply } from './append-request.ts';
import type { Bus, Serving } from './bus.ts';
import type { GroupCommit } from './group-commit.ts';
import type { Metrics } from './metrics.ts';
import { subjectOf, type IngestKind } from './roles.ts';

export interface IngestOptions {
  readonly bus: Bus;
  readonly kind: IngestKind;
  readonly database: number;
  readonly groupCommit: GroupCommit;
  readonly metrics: Metrics;
}

function replyOf(outcome: AppendOutcome): AppendReply {
  switch (outcome.kind) {
    case 'stored': {
      const { places } = outcome;
      return {
        kind: 'stored',
        sequences: places.map(({ sequence, conflict }) => (conflict ? null : sequence)),
      };
    }
    case 'refused':
      return { kind: 'refused', detail: outcome.detail };
    case 'unconfirmed':
      return { kind: 'busy', detail: `${outcome.reason}: ${outcome.detail}` };
  }
}

export function serveIngest({ bus, kind, database, groupCommit, metrics }: IngestOptions): Serving {
  return bus.serve(subjectOf(kind, database), async (payload) => {
    const drafts = parseDrafts(payload);
    if (drafts === undefined) throw new Error('a request that is none');
    const reply = replyOf(await groupCommit.append(drafts));
    metrics.requestsServed.inc({ role: kind, answer: reply.kind });
    return JSON.stringify(reply);
  });
}
