/**
 * What a run says about its load: did the objective hold, did the service
 * fail it, or could the generator not tell? A load is never held against the
 * service by a generator that was not fit, and a loss always is.
 */
import type { StepKind } from '../../chaos/capacity/search.ts';
import { isGeneratorFit } from '../../chaos/judge/generator-fitness.ts';
import { formatDuration } from '../figures.ts';
import type { Verdict } from '../verdict.ts';

export interface Outcome {
  readonly kind: StepKind;
  readonly reasons: readonly string[];
}

/** Preconditions about the generator itself (`docs/how-holdfast-knows.md`). */
const OF_GENERATOR = [
  'send-lag',
  'event-loop-lag',
  'generator-cpu',
  'generator-clocks',
  'shards-finished',
];
/** A generator that is fit and still cannot keep its users there, or send for them: the service's doing. */
const OF_SERVICE = ['users-connected', 'plateau-held', 'offered-load'];

const unmetIn = ({ preconditions }: Verdict): Verdict['preconditions'] =>
  preconditions.filter(({ met }) => !met);

export const STEADY = 'steady';

/** `p99MsMax`: of the steady load; what a fault does to latency is held against its own promise. */
export function outcomeOf(verdict: Verdict, p99MsMax: number): Outcome {
  const unmet = unmetIn(verdict);
  const wordsOf = (ids: readonly string[]): readonly string[] =>
    unmet
      .filter(({ id }) => ids.includes(id))
      .map(({ title, measured, required }) => `${title}: ${measured}; required: ${required}`);
  const ids = unmet.map(({ id }) => id);

  if (verdict.verdict === 'fail') return { kind: 'failed', reasons: verdict.reasons };
  const interrupted = unmet.find(({ id }) => id === 'run-complete');
  if (interrupted !== undefined) return { kind: 'unknown', reasons: [interrupted.measured] };
  if (ids.some((id) => OF_GENERATOR.includes(id))) {
    return { kind: 'generator', reasons: wordsOf(OF_GENERATOR) };
  }
  const { objective, withRetries } = verdict.availability;
  if (withRetries !== null && withRetries < objective) {
    // Else it would be a fail: with the generator's own stops taken out it may have held.
    return { kind: 'generator', reasons: verdict.reasons };
  }
  const p99Ms = verdict.latencyByPhaseMs[STEADY]?.p99 ?? null;
  if (p99Ms !== null && p99Ms > p99MsMax) {
    const reason = `99 % of the steady load took up to ${formatDuration(p99Ms)}; the objective is ${formatDuration(p99MsMax)}`;
    return { kind: 'failed', reasons: [reason] };
  }
  const isHeldBack = ids.length > 0 && ids.every((id) => OF_SERVICE.includes(id));
  if (isHeldBack && isGeneratorFit(verdict.preconditions)) {
    return { kind: 'failed', reasons: wordsOf(OF_SERVICE) };
  }
  if (verdict.verdict === 'inconclusive') return { kind: 'unknown', reasons: verdict.reasons };
  if (p99Ms === null)
    return { kind: 'unknown', reasons: ['no latency of the steady load is known'] };
  return { kind: 'held', reasons: [] };
}
