/** What every precondition is judged from, and how one is put into words. */
import type { RunEvent } from '../events.ts';
import type { FaultReport, Precondition, Series } from '../findings.ts';
import type { Ledgers } from '../ledger/ledgers.ts';
import type { Plan } from '../plan.ts';
import type { ObservedCluster } from './observed-cluster.ts';
import type { Outcomes, Window } from './outcomes.ts';
import type { FaultSpan } from './timeline.ts';

export interface Evidence {
  readonly plan: Plan;
  readonly events: readonly RunEvent[];
  /** Sentences about what is wrong with the event log. */
  readonly eventProblems: readonly string[];
  readonly ledgers: Ledgers;
  readonly window: Window | null;
  readonly outcomes: Outcomes | null;
  readonly observed: ObservedCluster;
  readonly spans: readonly FaultSpan[];
  /** CPU and memory of every process. */
  readonly usage: Series['usage'];
  /** Cores of the machine; null when that is not known. */
  readonly cores: number | null;
  readonly faults: readonly FaultReport[];
}

export type PreconditionOf = (evidence: Evidence) => Precondition;

/** What a precondition measures when the run has no whole window. */
export const NO_WINDOW = 'the window did not begin and end';

/** `none`, or the names. */
export const listed = (names: readonly string[]): string =>
  names.length === 0 ? 'none' : names.join(', ');
