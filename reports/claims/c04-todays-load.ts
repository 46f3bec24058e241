/**
 * C04: today's load, 50 users with 100 messages/s, still works: all of it is
 * acknowledged at that rate, available at least 99 % of the time, and nothing
 * is lost. Only the shape `today` shows it.
 */
import { isUnderForSure } from '../verdict.ts';
import { checkOf, percentText, type ClaimEvidence, type ClaimResult } from './claim.ts';

const USERS = 50;
const RATE_HZ = 100;
/** The tolerance of the precondition on the load offered. */
const RATE_HZ_MIN = 0.99 * RATE_HZ;
const AVAILABLE_MIN = 0.99;

export function todaysLoad({ findings }: ClaimEvidence): ClaimResult {
  const { plan, rates, availability, messages, latencyMs } = findings;
  const { withRetries } = availability;
  const rate = (hz: number | null): string => (hz === null ? 'unknown' : `${hz.toFixed(1)}/s`);
  const result = {
    measured: `${plan.users} users, ${rate(rates.offeredHz)} offered, ${rate(rates.acknowledgedHz)} acknowledged, ${withRetries === null ? 'availability unknown' : `${percentText(withRetries)} available`}, 99 % within ${latencyMs.p99 ?? 'unknown'} ms, ${messages.lost} lost`,
    required: `${USERS} users, ${RATE_HZ}/s offered and acknowledged, at least 99 % available, 0 lost`,
    evidence: 'the shape today; check lost, availability.withRetries',
  };
  if (plan.shape !== 'today' || plan.users !== USERS || plan.users / plan.intervalSec < RATE_HZ) {
    const evidence = `this run was made with ${plan.users} users of the shape ${plan.shape}: gate --shape today`;
    return { ...result, status: 'not-tested', evidence };
  }
  const lost = checkOf(findings, 'lost')?.kind ?? 'unknown';
  if (lost === 'refuted' || isUnderForSure(findings, AVAILABLE_MIN)) {
    return { ...result, status: 'refuted' };
  }
  const isThere = withRetries !== null && withRetries >= AVAILABLE_MIN;
  const isWhole = Math.min(rates.offeredHz ?? 0, rates.acknowledgedHz ?? 0) >= RATE_HZ_MIN;
  return lost === 'held' && isThere && isWhole
    ? { ...result, status: 'held' }
    : { ...result, status: 'not-tested', evidence: 'the load was not offered in whole' };
}
