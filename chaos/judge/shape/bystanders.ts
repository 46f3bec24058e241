/**
 * Bystanders notice nothing: while somebody else misbehaves (`abuser`,
 * `slow-readers`), the 99th percentile of all others is at most so many times
 * that of before, or too short for anybody to notice.
 *
 * Evidence: what users meant to send before and during it, and when that was
 * acknowledged; a message that was never answered took longer than all others.
 */
import type { Bystanders } from '../../../scenarios/shapes/shape.ts';
import { conclude, missingClients } from '../../checkers/check-result.ts';
import type { CheckResult, Precondition } from '../../findings.ts';
import type { Ledgers } from '../../ledger/ledgers.ts';
import { percentile } from '../../statistics.ts';
import { isGeneratorFit } from '../generator-fitness.ts';
import type { Outcomes } from '../outcomes.ts';

/** An answer within a tenth of a second is felt as immediate. */
const UNNOTICED_MS = 100;

/** 99th percentile of what was meant to be sent in [fromMs, toMs), from the ledgers' base. */
function p99Within(outcomes: Outcomes, fromMs: number, toMs: number) {
  const isMeant = (each: number): boolean => {
    const atMs = outcomes.intendedMs[each] as number;
    return atMs >= fromMs && atMs < toMs;
  };
  const meant = Array.from({ length: outcomes.count }, (_, each) => each).filter(isMeant).length;
  const answered = outcomes.byLatency
    .filter(isMeant)
    .map((each) => outcomes.latencyMs[each] as number);
  return { meant, p99: meant === 0 ? null : (percentile(answered, 99, meant) ?? Infinity) };
}

export function bystandersCheck(
  ledgers: Ledgers,
  outcomes: Outcomes | null,
  { fromMs, toMs, p99TimesMax }: Bystanders,
  preconditions: readonly Precondition[],
): CheckResult {
  const startMs = ledgers.schedule.sendFromMs - ledgers.baseMs;
  const within = (from: number, to: number) =>
    outcomes === null ? { meant: 0, p99: null } : p99Within(outcomes, startMs + from, startMs + to);
  const before = within(0, fromMs);
  const during = within(fromMs, toMs);
  const boundMs = Math.max(UNNOTICED_MS, (before.p99 ?? 0) * p99TimesMax);
  const known = before.p99 !== null && during.p99 !== null;
  const slower = known && (during.p99 ?? 0) > boundMs;
  const isFit = isGeneratorFit(preconditions);
  return conclude({
    id: 'bystanders',
    title: 'Whoever did not misbehave did not notice that somebody else did',
    counts: {
      messages: during.meant,
      ...(before.p99 !== null && before.p99 < Infinity && { p99MsBefore: before.p99 }),
      ...(during.p99 !== null && during.p99 < Infinity && { p99MsDuring: during.p99 }),
      ...(known && { p99MsMax: Math.round(boundMs) }),
    },
    refuted: slower && isFit,
    examples: slower ? [`99 % within ${during.p99} ms, ${before.p99} ms before`] : [],
    missing: [
      ...(known ? [] : ['messages of others before and during it']),
      ...(slower && !isFit ? ['a generator that cannot itself be the cause'] : []),
      ...missingClients(ledgers),
    ],
    detail: `Counted in messages of the others during it. Their 99th percentile may be ${p99TimesMax} times that of before, or ${UNNOTICED_MS} ms.`,
  });
}
