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
import { percentile } from '../statistics.ts';
import { NEVER } from '../ledger/messages.ts';
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
  const steady = phases.length;
  const phaseOf = new Uint16Array(outcomes.count);
  for (let each = 0; each < outcomes.count; each++) {
    const atMs = (outcomes.intendedMs[each] as number) + outcomes.baseMs;
    const found = phases.findIndex(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
    phaseOf[each] = found === -1 ? steady : found;
  }
  const names = [...phases.map(({ name }) => name), 'steady'];
  // Steady first, then the faults in the order in which they struck.
  const order = [steady, ...phases.keys()];
  const pick = (phase: number | null) => figureOf(outcomes, phaseOf, phase);
  const split = order.map((phase) => [names[phase] as string, pick(phase)] as const);
  const whole = pick(null);
  return {
    whole: whole.availability,
    latencyMs: whole.latencyMs,
    latencyAsSentMs: whole.latencyAsSentMs,
    byPhase: Object.fromEntries(split.map(([name, figure]) => [name, figure.availability])),
    latencyByPhaseMs: Object.fromEntries(split.map(([name, figure]) => [name, figure.latencyMs])),
    latencyAsSentByPhaseMs: Object.fromEntries(
      split.map(([name, figure]) => [name, figure.latencyAsSentMs]),
    ),
  };
}

function figureOf(outcomes: Outcomes, phaseOf: Uint16Array, phase: number | null) {
  const latencies = new Int32Array(outcomes.count);
  const firstAttempts = new Int32Array(outcomes.count);
  let [messages, good, asSent, answered, answeredAtOnce] = [0, 0, 0, 0, 0];
  for (let each = 0; each < outcomes.count; each++) {
    if (phase !== null && phaseOf[each] !== phase) continue;
    messages++;
    good += outcomes.good[each] as number;
    asSent += outcomes.asSent[each] as number;
    const latencyMs = outcomes.latencyMs[each] as number;
    if (latencyMs === NEVER) continue;
    latencies[answered++] = latencyMs;
    if (outcomes.attempts[each] === 1) firstAttempts[answeredAtOnce++] = latencyMs;
  }
  const availability: AvailabilityFigure = {
    messages,
    asSent: messages === 0 ? null : asSent / messages,
    withRetries: messages === 0 ? null : good / messages,
  };
  return {
    availability,
    latencyMs: percentilesOf(latencies.subarray(0, answered).sort(), messages),
    latencyAsSentMs: percentilesOf(firstAttempts.subarray(0, answeredAtOnce).sort(), messages),
  };
}

/** `answered` ascending; the other `messages` took longer than all of these. */
const percentilesOf = (answered: Int32Array, messages: number): Percentiles => ({
  p50: percentile(answered, 50, messages),
  p95: percentile(answered, 95, messages),
  p99: percentile(answered, 99, messages),
  max: answered.at(-1) ?? null,
});
