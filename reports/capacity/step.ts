/** From a judged run to a step of the sweep: its outcome and its figures. */
import type { Series } from '../../chaos/findings.ts';
import type { Verdict } from '../verdict.ts';
import type { CapacityStep } from './capacity.ts';
import { outcomeOf, STEADY } from './outcome.ts';
import { steadyBusyCores, steadyUsage } from './parts.ts';

export interface StepInput {
  readonly verdict: Verdict;
  readonly series: Series;
  /** Directory name, inside the sweep's. */
  readonly run: string;
  readonly tookSec: number;
  readonly p99MsMax: number;
}

export function stepOf({ verdict, series, run, tookSec, p99MsMax }: StepInput): CapacityStep {
  const { latencyMs: whole, latencyByPhaseMs, availability, rates, messages, plan } = verdict;
  const steady = latencyByPhaseMs[STEADY] ?? whole;
  return {
    users: plan.users,
    ...outcomeOf(verdict, p99MsMax),
    run,
    tookSec,
    acknowledgedHz: rates.acknowledgedHz,
    latencyMs: { p50: steady.p50, p99: steady.p99 },
    latencyWholeMs: { p50: whole.p50, p99: whole.p99 },
    availability: { asSent: availability.asSent, withRetries: availability.withRetries },
    lost: messages.lost,
    busyCores: steadyBusyCores(series),
    usage: steadyUsage(series),
  };
}
