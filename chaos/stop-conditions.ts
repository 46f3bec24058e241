/**
 * Stop conditions: live figures at which a run has seen enough and stops by
 * itself, everything healed. For whoever points faults at something that other
 * people use. The plan names them (`stopWhen`); the runner looks once a second
 * while there is load.
 *
 * Named figures with one bound each, and no language of expressions: what a
 * person wants to say here is "when it gets this bad, stop", for one of a
 * handful of figures. A name can be checked when the plan is read, told in the
 * verdict and explained in a line; an expression can be wrong only when it is
 * too late. Several conditions are alternatives: the first that is met stops.
 *
 * Limit: they are read from ledgers that still grow, so they are a second
 * late, and never a verdict: a run that was stopped is inconclusive.
 */
import { z } from 'zod';
import { HoldfastError } from '../cluster/errors.ts';
import type { LiveLedger } from './live-ledger.ts';
import type { Plan } from './plan.ts';
import { loadSecOf, offeredOf } from './shaped.ts';
import { percentile } from './statistics.ts';

const LOOK_EVERY_MS = 1_000;
/** Percentiles are over so many seconds: at a message a second, ten values. */
const LOOK_BACK_SEC = 10;

const percent = z.number().gt(0, 'a percentage above 0').max(100_000, 'at most 100,000 %');
/** A day; no run waits so long for anything. */
const DURATION_MS_MAX = 86_400_000;
const duration = z
  .number()
  .gt(0, 'milliseconds above 0')
  .max(DURATION_MS_MAX, `at most ${DURATION_MS_MAX} ms`);

const shape = {
  /** Share of the error budget that the plan has at least, spent on messages that missed the deadline. */
  errorBudgetSpentPercent: percent.optional(),
  /** Age of the oldest message without an acknowledgement. */
  oldestUnansweredMs: duration.optional(),
  /** 99th percentile of the last ten seconds, from the intended time to the acknowledgement. */
  latencyP99Ms: duration.optional(),
  /** The same from the intended time to the send: the generator's own lag. */
  sendLagP99Ms: duration.optional(),
  /** Users who are not connected. */
  usersDisconnectedPercent: percent.max(100, 'at most 100 %').optional(),
};
type Condition = keyof typeof shape;
const CONDITIONS = Object.keys(shape) as readonly Condition[];

/** A figure that is at its bound, or over it, stops the run. */
export const stopWhenSchema = z.strictObject(shape, {
  error: (issue) =>
    issue.code === 'unrecognized_keys'
      ? `there is no ${issue.keys?.join(', ')}; use some of ${CONDITIONS.join(', ')}`
      : undefined,
});

type LiveFigures = Readonly<Record<Condition, number>>;

export function figuresOf(live: LiveLedger, plan: Plan, nowMs: number): LiveFigures {
  const { latenciesMs, sendLagsMs } = live.recent(nowMs, LOOK_BACK_SEC);
  const missed = live.missed(nowMs);
  return {
    errorBudgetSpentPercent: missed === 0 ? 0 : (100 * missed) / errorBudget(plan),
    oldestUnansweredMs: live.oldestOutstandingMs(nowMs),
    latencyP99Ms: p99(latenciesMs),
    sendLagP99Ms: p99(sendLagsMs),
    usersDisconnectedPercent: (100 * (plan.users - live.connected)) / plan.users,
  };
}

/** Messages that may miss the deadline in a run that takes no longer than planned. */
function errorBudget(plan: Plan): number {
  return (1 - plan.objective.availability) * offeredOf(plan, loadSecOf(plan));
}

const p99 = (values: readonly number[]): number =>
  percentile(
    values.toSorted((a, b) => a - b),
    99,
  ) ?? 0;

/** The first condition of the plan that is met, in words; undefined: none is. */
export function metCondition(
  { stopWhen }: Plan,
  figures: LiveFigures,
): { readonly condition: Condition; readonly words: string } | undefined {
  const condition = CONDITIONS.find((name) => figures[name] >= (stopWhen[name] ?? Infinity));
  if (condition === undefined) return undefined;
  const last = CONDITIONS.map((name) => `${name} ${rounded(figures[name])}`).join(', ');
  const words = `stop condition met: ${condition} is ${rounded(figures[condition])}, to be stopped at ${stopWhen[condition]}; last figures: ${last}`;
  return { condition, words };
}

const rounded = (value: number): string => String(Math.round(value * 10) / 10);

export interface StopWatch extends Disposable {
  /** Aborts with a `HoldfastError` of the code `stop-condition` when a condition is met. */
  readonly signal: AbortSignal;
}

export function watchStopConditions(plan: Plan, live: LiveLedger): StopWatch {
  const stop = new AbortController();
  const timer = setInterval(() => {
    live.update();
    const met = metCondition(plan, figuresOf(live, plan, Date.now()));
    if (met === undefined) return;
    clearInterval(timer);
    stop.abort(
      new HoldfastError({
        code: 'stop-condition',
        message: met.words,
        remedy: `all faults were healed; to go on, raise or remove stopWhen.${met.condition}`,
      }),
    );
  }, LOOK_EVERY_MS);
  return { signal: stop.signal, [Symbol.dispose]: () => clearInterval(timer) };
}
