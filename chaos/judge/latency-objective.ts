/**
 * The latencies that the plan asks for, where it does: of acknowledgements over
 * all messages that were meant, of deliveries over those to the users who
 * listen; both from the intended time, over the whole window, faults included.
 *
 * A generator that was not fit may itself be the cause of what is too slow.
 */
import { conclude } from '../checkers/check-result.ts';
import type { CheckResult, Percentiles, Precondition } from '../findings.ts';
import type { Plan } from '../plan.ts';
import { isGeneratorFit } from './generator-fitness.ts';

/** No check at all where the plan asks for nothing. `hints`: where to look if it is too slow. */
export function latencyObjective(
  { latencyP50MsMax, latencyP99MsMax, deliveryP99MsMax }: Plan['objective'],
  acknowledged: Percentiles,
  delivered: Percentiles,
  preconditions: readonly Precondition[],
  hints: readonly string[],
): readonly CheckResult[] {
  const asked = [
    { name: 'acknowledged, half', max: latencyP50MsMax, ms: acknowledged.p50 },
    { name: 'acknowledged, 99 %', max: latencyP99MsMax, ms: acknowledged.p99 },
    { name: 'delivered, 99 %', max: deliveryP99MsMax, ms: delivered.p99 },
  ].flatMap(({ name, max, ms }) => (max === undefined ? [] : [{ name, max, ms }]));
  if (asked.length === 0) return [];
  const over = asked.filter(({ max, ms }) => ms !== null && ms > max);
  const unknown = asked.filter(({ ms }) => ms === null);
  const isFit = isGeneratorFit(preconditions);
  return [
    conclude({
      id: 'latency-objective',
      title: 'Messages are acknowledged and delivered as soon as the plan asks',
      counts: { asked: asked.length, over: over.length },
      refuted: over.length > 0 && isFit,
      examples: [
        ...over.map(({ name, max, ms }) => `${name} within ${ms} ms, ${max} ms required`),
        ...(over.length > 0 ? hints : []),
      ],
      missing: [
        ...unknown.map(({ name }) => `a figure for "${name}": too few were measured or answered`),
        ...(over.length > 0 && !isFit ? ['a generator that cannot itself be the cause'] : []),
      ],
      detail: asked
        .map(({ name, max, ms }) => `${name} within ${ms ?? '–'} of ${max} ms`)
        .join('; '),
    }),
  ];
}
