/**
 * Did the primary change only where something had taken it away? A failover
 * that nothing called for is an outage of the service's own making: someone
 * took late for dead. Short ones pass every other check.
 *
 * Evidence are the holders of the leader key, looked at five times a second
 * (`watch.ts`). A change is accounted for while a fault lasts, until redundancy
 * is back, if the fault takes the primary away or does not promise that the
 * service keeps going. The same member taking its key again is no change.
 */
import { conclude } from '../checkers/check-result.ts';
import type { RunEvent } from '../events.ts';
import type { CheckResult, Precondition } from '../findings.ts';
import { eventsOf } from '../ledger/events.ts';
import { isGeneratorFit } from './generator-fitness.ts';
import type { Window } from './outcomes.ts';
import type { FaultSpan } from './timeline.ts';

/** The leader key is looked at so often, and a look may take so long. */
const LOOK_MS = 1_000;

interface Change {
  readonly atMs: number;
  readonly database: number;
  readonly from: string;
  readonly to: string;
}

export function falseFailovers(
  events: readonly RunEvent[],
  spans: readonly FaultSpan[],
  window: Window | null,
  preconditions: readonly Precondition[],
): CheckResult {
  const changes = window === null ? [] : changesIn(events, window);
  const wrong = changes.filter((change) => !spans.some((span) => accountsFor(span, change)));
  const isFit = isGeneratorFit(preconditions);
  return conclude({
    id: 'false-failovers',
    title: 'The primary changed only where a fault had taken it away',
    counts: { failovers: changes.length, false: wrong.length },
    refuted: isFit && wrong.length > 0,
    examples: wrong.map((change) => inWords(change, spans)),
    missing: [
      ...(window === null ? ['the whole window'] : []),
      ...(!eventsOf(events, 'leader').some(({ leader }) => leader !== '')
        ? ['who held the leader key']
        : []),
      // On a machine that has no time for its generator the members may be late for the same reason.
      ...(wrong.length > 0 && !isFit ? ['a machine that cannot itself be the cause'] : []),
    ],
    detail: 'failovers: another member took the leader key; false: no fault called for it.',
  });
}

function changesIn(events: readonly RunEvent[], { fromMs, toMs }: Window): readonly Change[] {
  const changes: Change[] = [];
  const holders = new Map<number, string>();
  for (const { atMs, leader, database = 0 } of eventsOf(events, 'leader')) {
    const holder = holders.get(database);
    if (leader === '' || leader === holder) continue;
    if (holder !== undefined && atMs >= fromMs && atMs < toMs) {
      changes.push({ atMs, database, from: holder, to: leader });
    }
    holders.set(database, leader);
  }
  return changes;
}

const accountsFor = (span: FaultSpan, { atMs, database }: Change): boolean =>
  (span.database ?? database) === database &&
  atMs >= span.struckMs &&
  atMs <= span.overMs + LOOK_MS &&
  callsForFailover(span);

const callsForFailover = ({ failover, expects }: FaultSpan): boolean =>
  failover !== false || expects?.kind !== 'keeps-going';

function inWords({ atMs, from, to }: Change, spans: readonly FaultSpan[]): string {
  const last = spans.findLast(({ struckMs }) => struckMs <= atMs);
  const when =
    last === undefined
      ? 'before any fault'
      : `${((atMs - last.struckMs) / 1_000).toFixed(1)} s after ${last.id} struck`;
  return `${to} took over from ${from} ${when}`;
}
