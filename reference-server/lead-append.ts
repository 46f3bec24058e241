/**
 * A lane's connection where this server stores messages itself: it has the
 * lead (`lead.ts`) store them, together with those of all other servers. Where
 * there is none, or it cannot or does not answer in time, this server does.
 *
 * Whoever stores them late, after that, finds them stored: the keys are the same.
 */
import type { AppendConnection, AppendOutcome } from './append.ts';
import type { GroupCommit } from './group-commit.ts';
import type { Lead } from './lead.ts';
import type { Draft } from './message.ts';

export interface LeadAppendOptions {
  readonly lead: Pick<Lead, 'isLead'>;
  /** Asks the lead. */
  readonly remote: AppendConnection;
  readonly own: GroupCommit;
  /** A lead that did not store what it was asked is not asked again for so long. */
  readonly avoidedMs: number;
}

/** All lanes of a server may share it. */
export function appendThroughLead(options: LeadAppendOptions): AppendConnection {
  const { lead, remote, own } = options;
  let askAgainAtMs = -Infinity;

  async function append(drafts: readonly Draft[]): Promise<AppendOutcome> {
    if (lead.isLead || performance.now() < askAgainAtMs) return own.append(drafts);
    const outcome = await remote.append(drafts);
    if (outcome.kind !== 'unconfirmed') return outcome;
    if (outcome.reason !== 'nobody') askAgainAtMs = performance.now() + options.avoidedMs;
    return own.append(drafts);
  }

  return { append, isSpent: false, [Symbol.dispose]: () => undefined };
}
