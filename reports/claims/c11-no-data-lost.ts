/**
 * C11: an outage loses no data: with real failovers in the run, no
 * acknowledged message is missing on any node afterwards.
 */
import { atUsers, checkOf, type ClaimEvidence, type ClaimResult } from './claim.ts';

export function noDataLost({ findings }: ClaimEvidence): ClaimResult {
  const { failovers, losing, upperBound95 } = findings.confidence;
  const lost = checkOf(findings, 'lost');
  const bound =
    upperBound95 === null
      ? ''
      : `; at 95 % confidence at most ${(Math.ceil(upperBound95 * 1e3) / 10).toFixed(1)} % of failovers lose anything`;
  const result = {
    measured: `${findings.messages.lost} of ${findings.messages.acknowledged} acknowledged messages lost, ${losing} of ${failovers} failovers losing${bound}${atUsers(findings)}`,
    required: '0 lost on every node, with at least 1 failover',
    evidence: 'check lost',
  };
  if (lost?.kind === 'refuted') return { ...result, status: 'refuted' };
  if (lost?.kind !== 'held') {
    return { ...result, status: 'not-tested', evidence: 'whether anything was lost is unknown' };
  }
  if (failovers === 0) {
    return { ...result, status: 'not-tested', evidence: 'no failover happened in this run' };
  }
  return { ...result, status: 'held' };
}
