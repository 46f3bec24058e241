/**
 * Faults by their kind: how often each came, how recovery times spread, and
 * what they cost. And the other way round: how many failovers a month an
 * objective affords, if they cost what these did.
 */
import type { FaultReport } from '../chaos/findings.ts';
import { percentile } from '../chaos/statistics.ts';

/** Milliseconds; null: of so many it was never seen. */
export interface Spread {
  readonly min: number | null;
  readonly median: number | null;
  readonly p95: number | null;
  readonly max: number | null;
}

/** By the as-sent bound, and with retries by the deadline. */
export interface ByBound {
  readonly asSent: number | null;
  readonly withRetries: number | null;
}

export interface RecoveryTimes {
  readonly faults: number;
  /** Until 99 % of the load were back. */
  readonly load99: Spread;
  /** Longest time without an acknowledgement while one was waited for. */
  readonly longestGap: Spread;
  /** Seconds without service that one fault of this kind cost, on average. */
  readonly unavailableSec: ByBound;
}

export interface FailoversAMonth extends ByBound {
  /** 0.999: so much of a month of 30 days the service has to be there. */
  readonly objective: number;
}

export interface FaultsByKind {
  readonly recoveryByFault: Readonly<Record<string, RecoveryTimes>>;
  /** Null: none of these failovers cost anything by that bound, so it sets no limit. */
  readonly failoversAMonth: readonly FailoversAMonth[];
}

const OBJECTIVES = [0.99, 0.999, 0.9999];
const MONTH_SEC = 30 * 86_400;

export function faultsByKind(faults: readonly FaultReport[]): FaultsByKind {
  const struck = faults.filter(({ injectedAt }) => injectedAt !== null);
  const kinds = [...new Set(struck.map(({ kind }) => kind))].sort();
  return {
    recoveryByFault: Object.fromEntries(
      kinds.map((kind) => [kind, timesOf(struck.filter((fault) => fault.kind === kind))]),
    ),
    failoversAMonth: afforded(struck.filter(({ newPrimary }) => newPrimary !== null)),
  };
}

const timesOf = (faults: readonly FaultReport[]): RecoveryTimes => ({
  faults: faults.length,
  load99: spreadOf(faults.map(({ recoveryMs }) => recoveryMs.load99)),
  longestGap: spreadOf(faults.map(({ recoveryMs }) => recoveryMs.longestGap)),
  unavailableSec: meanCost(faults),
});

/** One that never recovered took longer than all others. */
function spreadOf(values: readonly (number | null)[]): Spread {
  const seen = values.filter((value) => value !== null).sort((left, right) => left - right);
  const at = (percent: number): number | null => percentile(seen, percent, values.length);
  return { min: seen[0] ?? null, median: at(50), p95: at(95), max: at(100) };
}

function meanCost(faults: readonly FaultReport[]): { asSent: number; withRetries: number } {
  const mean = (bound: keyof ByBound): number =>
    faults.reduce((sum, { unavailableSec }) => sum + unavailableSec[bound], 0) / faults.length;
  return { asSent: mean('asSent'), withRetries: mean('withRetries') };
}

/** Rounded down: a part of a failover is none that may happen. */
function afforded(failovers: readonly FaultReport[]): readonly FailoversAMonth[] {
  if (failovers.length === 0) return [];
  const cost = meanCost(failovers);
  return OBJECTIVES.map((objective) => {
    // Rounded, because 1 − 0.99 is not 0.01 in binary.
    const budgetSec = Math.round((1 - objective) * MONTH_SEC * 1e3) / 1e3;
    const within = (costSec: number): number | null =>
      costSec === 0 ? null : Math.floor(budgetSec / costSec);
    return { objective, asSent: within(cost.asSent), withRetries: within(cost.withRetries) };
  });
}
