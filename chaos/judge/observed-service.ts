/**
 * What a run shows of the chat service's own protections: what it refused and
 * counted, a flood, the cost of history, its circuit breaker, its scaling. Evidence for the
 * claims about them, and for nothing else. Null: the run did not look.
 */
import type { RunEvent } from '../events.ts';
import type { Series } from '../findings.ts';
import { type EventOf, eventsOf } from '../ledger/events.ts';
import type { Ledgers } from '../ledger/ledgers.ts';
import { observeCircuit, type ObservedCircuit } from './observed-circuit.ts';
import { observeScaling, type ObservedScaling } from './observed-scaling.ts';
import type { Window } from './outcomes.ts';

export interface ObservedService {
  /** What was tried that has to be refused, in order; a run of an earlier version has no reasons. */
  readonly refusals: readonly {
    readonly what: string;
    readonly reason: string;
    readonly refused: boolean;
  }[];
  /** By how much the servers' counters grew while that was tried. */
  readonly countedRefusals: Readonly<Record<string, number>> | null;
  /** The servers' counters at the end of the load, since each started. */
  readonly countedLoad: Readonly<Record<string, number>> | null;
  readonly flood: Omit<EventOf<'flood-tried'>, 'atMs' | 'kind'> | null;
  readonly historyCost: Omit<EventOf<'history-tried'>, 'atMs' | 'kind'> | null;
  readonly circuit: ObservedCircuit | null;
  readonly scaling: ObservedScaling | null;
}

export interface ServiceEvidence {
  readonly events: readonly RunEvent[];
  readonly ledgers: Ledgers;
  readonly usage: Series['usage'];
  /** Times in which faults cut users off. */
  readonly cutOff: readonly Window[];
}

export function observeService(evidence: ServiceEvidence): ObservedService {
  const { events } = evidence;
  const counted = (step: EventOf<'counted'>['step']) =>
    eventsOf(events, 'counted').findLast((event) => event.step === step)?.grew ?? null;
  return {
    refusals: eventsOf(events, 'refusal').map(({ what, reason = '', refused }) => ({
      what,
      reason,
      refused,
    })),
    countedRefusals: counted('refusals'),
    countedLoad: counted('load'),
    flood: eventsOf(events, 'flood-tried').at(-1) ?? null,
    historyCost: eventsOf(events, 'history-tried').at(-1) ?? null,
    circuit: observeCircuit(evidence),
    scaling: observeScaling(events),
  };
}
