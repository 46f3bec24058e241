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
import type { Outcomes } from './outcomes.ts';
import { pickPercentiles, take, type Picked } from './picked.ts';
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
    const phase = phaseAt(phases, atMs);
    phaseOf[each] = phase;
    count(whole, outcomes, each);
    count(tallies[phase] as Tally, outcomes, each);
  }
  const latencies = pickLatencies(outcomes, whole, tallies, phaseOf);
  // Steady first, then the faults in the order in which they struck.
  const named: readonly (readonly [name: string, tally: Tally])[] = [
    ['steady', steady],
    ...phases.map(({ name }, phase) => [name, tallies[phase] as Tally] as const),
  ];
  const split = <T>(figureOf: (tally: Tally) => T): Readonly<Record<string, T>> =>
    Object.fromEntries(named.map(([name, tally]) => [name, figureOf(tally)]));
  return {
    whole: availabilityOf(whole),
    latencyMs: latencies.of(whole),
    latencyAsSentMs: latencies.asSentOf(whole),
    byPhase: split(availabilityOf),
    latencyByPhaseMs: split(latencies.of),
    latencyAsSentByPhaseMs: split(latencies.asSentOf),
  };
}

/** The first phase that holds this time; as many as there are phases: none does. */
function phaseAt(phases: readonly Phase[], atMs: number): number {
  let phase = 0;
  for (const { fromMs, toMs } of phases) {
    if (atMs >= fromMs && atMs < toMs) break;
    phase++;
  }
  return phase;
}

interface Tally {
  messages: number;
  good: number;
  asSent: number;
}

const emptyTally = (): Tally => ({ messages: 0, good: 0, asSent: 0 });

function count(tally: Tally, { good, asSent }: Outcomes, each: number): void {
  tally.messages++;
  tally.good += good[each] as number;
  tally.asSent += asSent[each] as number;
}

const availabilityOf = ({ messages, good, asSent }: Tally): AvailabilityFigure => ({
  messages,
  asSent: messages === 0 ? null : asSent / messages,
  withRetries: messages === 0 ? null : good / messages,
});

/** Of what was answered, and of what was answered at the first attempt; all else took longer. */
interface Latencies {
  readonly answered: Picked;
  readonly asSent: Picked;
}

function pickLatencies(
  { byLatency, latencyMs, attempts }: Outcomes,
  whole: Tally,
  tallies: readonly Tally[],
  phaseOf: Uint16Array,
) {
  const pick = ({ messages }: Tally): Latencies => ({
    answered: pickPercentiles(messages),
    asSent: pickPercentiles(messages),
  });
  const ofWhole = pick(whole);
  const ofPhase = tallies.map(pick);
  for (const each of byLatency) {
    const ms = latencyMs[each] as number;
    const { answered, asSent } = ofPhase[phaseOf[each] as number] as Latencies;
    take(ofWhole.answered, ms);
    take(answered, ms);
    if (attempts[each] !== 1) continue;
    take(ofWhole.asSent, ms);
    take(asSent, ms);
  }
  const picked = (tally: Tally): Latencies =>
    tally === whole ? ofWhole : (ofPhase[tallies.indexOf(tally)] as Latencies);
  return {
    of: (tally: Tally): Percentiles => percentilesOf(picked(tally).answered),
    asSentOf: (tally: Tally): Percentiles => percentilesOf(picked(tally).asSent),
  };
}

const percentilesOf = ({ p50, p95, p99, max }: Picked): Percentiles => ({ p50, p95, p99, max });
