/**
 * C02: 333 messages/s, 1.2 million in an hour, nothing acknowledged is lost.
 * A loss refutes it at any size; it is held only by a run that offered all
 * 1.2 million at that rate.
 */
import { checkOf, type ClaimEvidence, type ClaimResult } from './claim.ts';

const MISSION_MESSAGES = 1_200_000;
/** 20,000 a minute are 333.3/s; the tolerance is that of the precondition on the load offered. */
const RATE_HZ_MIN = 0.99 * (20_000 / 60);

export function volume({ findings }: ClaimEvidence): ClaimResult {
  const { messages, rates } = findings;
  const lost = checkOf(findings, 'lost')?.kind ?? 'unknown';
  const rate = (hz: number | null): string => (hz === null ? 'unknown' : `${hz.toFixed(1)}/s`);
  const result = {
    measured: `${messages.offered} offered (${rate(rates.offeredHz)}), ${messages.acknowledged} acknowledged (${rate(rates.acknowledgedHz)}), ${messages.lost} lost`,
    required: '1,200,000 offered, 333/s offered and acknowledged, 0 lost',
    evidence: 'check lost',
  };
  if (lost === 'refuted') return { ...result, status: 'refuted' };
  if (lost === 'unknown') {
    return { ...result, status: 'not-tested', evidence: 'whether anything was lost is unknown' };
  }
  if (messages.offered < MISSION_MESSAGES || (rates.offeredHz ?? 0) < RATE_HZ_MIN) {
    const evidence = `this run offered fewer messages than an hour of the mission: ${messages.offered} in ${Math.round(findings.window.seconds)} s`;
    return { ...result, status: 'not-tested', evidence };
  }
  const kept = (rates.acknowledgedHz ?? 0) >= RATE_HZ_MIN;
  return { ...result, status: kept ? 'held' : 'refuted' };
}
