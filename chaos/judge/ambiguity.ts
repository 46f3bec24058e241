/**
 * For which messages it was open in a failover whether they were stored: the
 * hard case that "nothing lost, nothing doubled" is about. A run without any
 * has tested the easy cases only.
 *
 * - under way when the primary was lost, and not answered before there was
 *   another one: the old one may have stored it or not
 * - sent again in a failover although no answer had come, not even a refusal
 *
 * Limit: retries inside the service are not in the client ledgers; the first
 * kind stands for them.
 */
import { RESEND_FIELDS } from '../ledger/client-records.ts';
import type { Ledgers } from '../ledger/ledgers.ts';
import { messageCount, NEVER } from '../ledger/messages.ts';

/** One that was never answered was open at a strike only if it was sent shortly before: a retry interval. */
const UNANSWERED_MS = 3_000;

/** Epoch milliseconds. */
export interface Failover {
  readonly struckMs: number;
  readonly promotedMs: number;
  readonly overMs: number;
}

export function ambiguousInFailovers(
  { records, baseMs }: Ledgers,
  failovers: readonly Failover[],
): number {
  const { messages } = records;
  const ambiguous = new Set<number>();
  for (let message = 0; message < messageCount(messages); message++) {
    const sentMs = messages.firstSentMs[message] as number;
    if (sentMs === NEVER) continue;
    const answeredMs = messages.acknowledgedMs[message] as number;
    const open = failovers.some(
      ({ struckMs, promotedMs }) =>
        sentMs + baseMs <= struckMs &&
        (answeredMs === NEVER
          ? sentMs + baseMs > struckMs - UNANSWERED_MS
          : answeredMs + baseMs >= promotedMs),
    );
    if (open) ambiguous.add(message);
  }
  const resends = records.resends.view();
  for (let at = 0; at < resends.length; at += RESEND_FIELDS) {
    const atMs = (resends[at + 1] as number) + baseMs;
    if (failovers.some(({ struckMs, overMs }) => atMs >= struckMs && atMs <= overMs)) {
      ambiguous.add(resends[at] as number);
    }
  }
  return ambiguous.size;
}
