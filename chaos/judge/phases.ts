/**
 * The phases of a window, by which availability and latency are split. A
 * message belongs to the phase in which its user meant to send it.
 *
 * - `steady`: outside every fault
 * - `<fault id> down`: from the strike until 99 % of the load are back (all of
 *   the fault's time when they never were)
 * - `<fault id> after`: from there until redundancy is restored
 *
 * Where faults overlap, the one that struck first takes the message.
 */
import type { AvailabilityFigure, Percentiles, Recovery } from '../findings.ts';
import { growableIntegers, type GrowableIntegers } from '../ledger/growable.ts';
import { percentile } from '../statistics.ts';
import type { Outcomes } from './outcomes.ts';
import type { FaultSpan } from './timeline.ts';

interface Phase {
  readonly name: string;
  /** Epoch milliseconds; [fromMs, toMs). */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface PhaseFigures {
  readonly whole: AvailabilityFigure;
  readonly latencyMs: Percentiles;
  readonly byPhase: Readonly<Record<string, AvailabilityFigure>>;
  readonly latencyByPhaseMs: Readonly<Record<string, Percentiles>>;
  readonly latencyAsSentMs: Percentiles;
  readonly latencyAsSentByPhaseMs: Readonly<Record<string, Percentiles>>;
}

export function phasesOf(
  spans: readonly (FaultSpan & { readonly recovery: Recovery })[],
): readonly Phase[] {
  return spans.flatMap((span) => {
    const { load99 } = span.recovery;
    // A fault that breaks nothing is one piece: there is nothing to come back from.
    const downToMs =
      span.kind === 'noop' || load99 === null
        ? span.overMs
        : Math.min(span.overMs, span.struckMs + load99);
    const down = { name: `${span.id} down`, fromMs: span.struckMs, toMs: downToMs };
    const after = { name: `${span.id} after`, fromMs: downToMs, toMs: span.overMs };
    return after.fromMs < after.toMs ? [down, after] : [down];
  });
}

export function figuresByPhase(outcomes: Outcomes, phases: readonly Phase[]): PhaseFigures {
  const whole = emptyTally();
  const steady = emptyTally();
  const tallies = [...phases.map(emptyTally), steady];
  const phaseOf = new Uint16Array(outcomes.count);
  for (let each = 0; each < outcomes.count; each++) {
    const atMs = (outcomes.intendedMs[each] as number) + outcomes.baseMs;
    const found = phases.findIndex(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
    const phase = found === -1 ? phases.length : found;
    phaseOf[each] = phase;
    count(whole, outcomes, each);
    count(tallies[phase] as Tally, outcomes, each);
  }
  for (const each of outcomes.byLatency) {
    addLatency(whole, outcomes, each);
    addLatency(tallies[phaseOf[each] as number] as Tally, outcomes, each);
  }
  // Steady first, then the faults in the order in which they struck.
  const named: readonly (readonly [name: string, tally: Tally])[] = [
    ['steady', steady],
    ...phases.map(({ name }, phase) => [name, tallies[phase] as Tally] as const),
  ];
  const split = <T>(figureOf: (tally: Tally) => T): Readonly<Record<string, T>> =>
    Object.fromEntries(named.map(([name, tally]) => [name, figureOf(tally)]));
  return {
    whole: availabilityOf(whole),
    latencyMs: latencyOf(whole),
    latencyAsSentMs: latencyAsSentOf(whole),
    byPhase: split(availabilityOf),
    latencyByPhaseMs: split(latencyOf),
    latencyAsSentByPhaseMs: split(latencyAsSentOf),
  };
}

interface Tally {
  messages: number;
  good: number;
  asSent: number;
  /** Of what was answered, and of what was answered at the first attempt; ascending. */
  readonly latenciesMs: GrowableIntegers;
  readonly asSentLatenciesMs: GrowableIntegers;
}

const emptyTally = (): Tally => ({
  messages: 0,
  good: 0,
  asSent: 0,
  latenciesMs: growableIntegers(),
  asSentLatenciesMs: growableIntegers(),
});

function count(tally: Tally, { good, asSent }: Outcomes, each: number): void {
  tally.messages++;
  tally.good += good[each] as number;
  tally.asSent += asSent[each] as number;
}

function addLatency(tally: Tally, { latencyMs, attempts }: Outcomes, each: number): void {
  tally.latenciesMs.push(latencyMs[each] as number);
  if (attempts[each] === 1) tally.asSentLatenciesMs.push(latencyMs[each] as number);
}

const availabilityOf = ({ messages, good, asSent }: Tally): AvailabilityFigure => ({
  messages,
  asSent: messages === 0 ? null : asSent / messages,
  withRetries: messages === 0 ? null : good / messages,
});

const latencyOf = ({ latenciesMs, messages }: Tally): Percentiles =>
  percentilesOf(latenciesMs.view(), messages);

const latencyAsSentOf = ({ asSentLatenciesMs, messages }: Tally): Percentiles =>
  percentilesOf(asSentLatenciesMs.view(), messages);

/** `answered` ascending; the other `messages` took longer than all of these. */
const percentilesOf = (answered: Int32Array, messages: number): Percentiles => ({
  p50: percentile(answered, 50, messages),
  p95: percentile(answered, 95, messages),
  p99: percentile(answered, 99, messages),
  max: answered.at(-1) ?? null,
});
