/**
 * When rows may bear a wrong time: while a fault had moved the clock of the
 * server that was then primary, and was proven to have. Only of what was under
 * way in that time the rows say nothing about clocks; everything else of the
 * run still has to agree, so that a generator's clock cannot hide behind it.
 */
import type { RunEvent } from '../events.ts';
import type { FaultKind } from '../faults/index.ts';
import { eventsOf } from '../ledger/events.ts';
import type { Window } from './outcomes.ts';
import type { FaultSpan } from './timeline.ts';

const MOVES_CLOCK: readonly FaultKind[] = ['clock-jump', 'clock-drift'];

export const movesClock = ({ kind }: Pick<FaultSpan, 'kind'>): boolean =>
  MOVES_CLOCK.some((each) => each === kind);

/** A program reads its clock's offset once a second, so it is right again so soon after the heal. */
const NOTICED_MS = 2_000;

export function timesWithMovedClock(
  events: readonly RunEvent[],
  spans: readonly FaultSpan[],
): readonly Window[] {
  return spans
    .filter((span) => span.proof.bitten && movesClock(span))
    .map(({ struckMs, healedMs, overMs, server }) => ({
      server,
      fromMs: struckMs,
      toMs: (healedMs ?? overMs) + NOTICED_MS,
    }))
    .filter(({ server, ...time }) => wasPrimary(events, server, time))
    .map(({ fromMs, toMs }) => ({ fromMs, toMs }));
}

/** Did it hold the leader key when that time began, or come to hold it before it ended? */
function wasPrimary(
  events: readonly RunEvent[],
  server: string,
  { fromMs, toMs }: Window,
): boolean {
  const holders = eventsOf(events, 'leader');
  const first = holders.findLast(({ atMs, leader }) => atMs <= fromMs && leader !== '');
  const later = holders.filter(({ atMs }) => atMs > fromMs && atMs <= toMs);
  return [first, ...later].some((each) => each?.leader === server);
}
