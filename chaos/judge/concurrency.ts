/** How many users were connected at once, by the client ledgers (`C` and `X` lines). */
import { CONNECTION_FIELDS } from '../ledger/client-records.ts';
import type { Ledgers } from '../ledger/ledgers.ts';
import type { Window } from './outcomes.ts';

export interface Concurrency {
  readonly atBeginning: number;
  /** Outside the times in which faults cut users off. */
  readonly min: number;
  readonly max: number;
}

export function concurrencyIn(
  ledgers: Ledgers,
  window: Window,
  cutOff: readonly Window[],
): Concurrency {
  const entries = ledgers.records.connections.view();
  const count = entries.length / CONNECTION_FIELDS;
  const order = Array.from({ length: count }, (_, entry) => entry * CONNECTION_FIELDS);
  // Shards are read one after the other, so their entries have to be merged by time.
  order.sort((a, b) => (entries[a] as number) - (entries[b] as number));
  const fromMs = window.fromMs - ledgers.baseMs;
  const toMs = window.toMs - ledgers.baseMs;
  let open = 0;
  let next = 0;
  const advance = (): void => {
    open += entries[(order[next] as number) + 2] as number;
    next++;
  };
  const nextMs = (): number => entries[order[next] as number] ?? Infinity;
  const excused = cutOff.map((time) => ({
    fromMs: time.fromMs - ledgers.baseMs,
    toMs: time.toMs - ledgers.baseMs,
  }));
  const isExcused = (sinceMs: number, untilMs: number): boolean =>
    excused.some((time) => sinceMs >= time.fromMs && untilMs <= time.toMs);
  while (next < count && nextMs() <= fromMs) advance();
  const atBeginning = open;
  let [min, max] = [open, open];
  while (next < count && nextMs() < toMs) {
    const atMs = nextMs();
    // All changes of one millisecond are one moment: their order is not known across shards.
    while (next < count && nextMs() === atMs) advance();
    // So many were connected until the next change.
    if (!isExcused(atMs, Math.min(nextMs(), toMs))) min = Math.min(min, open);
    max = Math.max(max, open);
  }
  return { atBeginning, min, max };
}
