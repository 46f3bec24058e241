/**
 * How the service came back after a fault, split into its parts, from the
 * event log (detected, promoted, redundancy), the rows (first commit) and the
 * client ledgers (acknowledgements). All in milliseconds since the fault
 * struck.
 *
 * - longest gap: the longest time in which a message waited and none was
 *   acknowledged while the fault lasted, 60 s at most; first acknowledgement:
 *   the one that ended it. A time in which nobody meant to send is no gap.
 * - 99 % of the load: from the first second, not before that acknowledgement,
 *   from which on three seconds together had 99 % of their messages (by
 *   intended time) acknowledged within the deadline, each of them.
 * - first commit: the smallest time of a row, by the database server's clock,
 *   from the moment on at which the loss of the primary was detected. Rows that
 *   were on their way when the fault struck are older. Not told where a fault
 *   had moved that clock.
 * - promoted: when the new primary was seen to be one, or that first commit,
 *   whichever came first: the members are only asked now and then, and a
 *   commit proves that there is a primary.
 *
 * Limit: `noop` breaks nothing, so it has only the longest gap, as the
 * baseline of what is ordinary at this load.
 */
import type { Recovery } from '../findings.ts';
import { completeRows, type Ledgers } from '../ledger/ledgers.ts';
import { movesClock } from './moved-clocks.ts';
import type { Outcomes } from './outcomes.ts';
import { longestWait, type Silence } from './silence.ts';
import type { FaultSpan } from './timeline.ts';

/** Longer than any failover this is made for; a gap that outlasts it is told as this long. */
const GAP_MS_MAX = 60_000;
const SHARE_BACK = 0.99;
const SECONDS_BACK = 3;

/** The longest time in which a message waited and none was acknowledged while the fault lasted. */
export const longestGap = (
  ledgers: Ledgers,
  { struckMs, overMs }: Pick<FaultSpan, 'struckMs' | 'overMs'>,
): Silence | null =>
  longestWait(
    ledgers,
    struckMs - ledgers.baseMs,
    Math.min(overMs, struckMs + GAP_MS_MAX) - ledgers.baseMs,
  );

export function recoveryOf(ledgers: Ledgers, outcomes: Outcomes | null, span: FaultSpan): Recovery {
  const since = (atMs: number | null): number | null =>
    atMs === null ? null : Math.round(atMs - span.struckMs);
  const gap = longestGap(ledgers, span);
  const breaks = span.kind !== 'noop';
  const firstAcknowledgement =
    breaks && gap !== null && gap.endedMs !== null ? since(gap.endedMs + ledgers.baseMs) : null;
  const commitMs =
    span.promotedMs === null || movesClock(span) ? null : firstCommitMs(ledgers, span);
  const promotedMs =
    span.promotedMs === null || commitMs === null
      ? span.promotedMs
      : Math.min(span.promotedMs, commitMs);
  return {
    detected: since(span.detectedMs),
    promoted: since(promotedMs),
    firstCommit: since(commitMs),
    firstAcknowledgement,
    load99:
      breaks && outcomes !== null && firstAcknowledgement !== null
        ? load99Ms(outcomes, span, firstAcknowledgement)
        : null,
    redundancyRestored: breaks ? since(span.restoredMs) : null,
    longestGap: gap === null ? null : Math.round(gap.ms),
  };
}

function firstCommitMs(ledgers: Ledgers, span: FaultSpan): number | null {
  const fromMs = span.detectedMs ?? span.promotedMs ?? Infinity;
  let first = Infinity;
  for (const table of new Set(completeRows(ledgers).map((rows) => rows.table))) {
    const { rows, createdAtMs } = table;
    for (let row = 0; row < rows; row++) {
      const atMs = createdAtMs[row] as number;
      if (atMs >= fromMs && atMs < first) first = atMs;
    }
  }
  return first === Infinity ? null : first;
}

/** Counts per second since the strike; seconds that reach past the window do not count. */
function load99Ms(outcomes: Outcomes, span: FaultSpan, notBeforeMs: number): number | null {
  const seconds = Math.floor((outcomes.window.toMs - span.struckMs) / 1_000);
  if (seconds < 1) return null;
  const intended = new Int32Array(seconds);
  const good = new Int32Array(seconds);
  for (let each = 0; each < outcomes.count; each++) {
    const afterMs = (outcomes.intendedMs[each] as number) + outcomes.baseMs - span.struckMs;
    const second = Math.floor(afterMs / 1_000);
    if (second < 0 || second >= seconds) continue;
    intended[second] = (intended[second] as number) + 1;
    good[second] = (good[second] as number) + (outcomes.good[each] as number);
  }
  let together = 0;
  for (let second = Math.floor(notBeforeMs / 1_000); second < seconds; second++) {
    // A second in which nobody meant to send says nothing against the service.
    const back = (good[second] as number) >= SHARE_BACK * (intended[second] as number);
    together = back ? together + 1 : 0;
    if (together === SECONDS_BACK) {
      return Math.max(notBeforeMs, (second - SECONDS_BACK + 1) * 1_000);
    }
  }
  return null;
}
