/**
 * For which messages it was open in a failover whether they were stored: the
 * hard case that "nothing lost, nothing doubled" is about. A run without any
 * has tested the easy cases only.
 *
 * - under way when the primary was lost, and not answered before there was
 *   another one: the old one may have stored it or not. It is lost when it
 *   answers no more: PostgreSQL goes on for some 100 ms without its postmaster
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

/** The last answer before the longest silence between the strike and the promotion, or the strike. */
function lostAtMs(
  acknowledgedMs: ArrayLike<number>,
  baseMs: number,
  { struckMs, promotedMs }: Failover,
): number {
  const answersMs = [struckMs, promotedMs];
  for (let message = 0; message < acknowledgedMs.length; message++) {
    const atMs = (acknowledgedMs[message] as number) + baseMs;
    if (atMs > struckMs && atMs < promotedMs) answersMs.push(atMs);
  }
  answersMs.sort((left, right) => left - right);
  let [lostMs, longestMs] = [struckMs, 0];
  answersMs.forEach((atMs, index) => {
    const silentMs = (answersMs[index + 1] ?? atMs) - atMs;
    if (silentMs > longestMs) [lostMs, longestMs] = [atMs, silentMs];
  });
  return lostMs;
}

export function ambiguousInFailovers(
  { records, baseMs }: Ledgers,
  failovers: readonly Failover[],
): number {
  const { messages } = records;
  const lost = failovers.map((failover) => lostAtMs(messages.acknowledgedMs, baseMs, failover));
  const ambiguous = new Set<number>();
  for (let message = 0; message < messageCount(messages); message++) {
    const sentMs = messages.firstSentMs[message] as number;
    if (sentMs === NEVER) continue;
    const answeredMs = messages.acknowledgedMs[message] as number;
    const open = failovers.some(
      ({ struckMs, promotedMs }, index) =>
        sentMs + baseMs <= (lost[index] ?? struckMs) &&
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
