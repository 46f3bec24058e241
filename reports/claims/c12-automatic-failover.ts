/**
 * C12: failover is automatic. The harness heals a fault only after its hold
 * time and does nothing between, so a new primary before the heal came up by
 * itself. A fault that took the primary away and got no successor before the
 * heal refutes it.
 */
import type { FaultReport } from '../../chaos/findings.ts';
import { atUsers, realFaults, type ClaimEvidence, type ClaimResult } from './claim.ts';

export function automaticFailover({ findings }: ClaimEvidence): ClaimResult {
  const primaryLost = realFaults(findings).filter(
    ({ proof, recoveryMs }) => proof.bitten && recoveryMs.detected !== null,
  );
  const unaided = primaryLost.filter(promotedBeforeHeal);
  const times = unaided.map(
    ({ id, recoveryMs }) =>
      `${id}: primary after ${recoveryMs.promoted} ms, 99 % of the load after ${recoveryMs.load99 ?? 'never'}${recoveryMs.load99 === null ? '' : ' ms'}`,
  );
  const result = {
    measured: `${unaided.length} of ${primaryLost.length} outages of the primary had a successor without any command${times.length === 0 ? '' : `; ${times.join('; ')}`}${atUsers(findings)}`,
    required: 'every outage of the primary, before its heal',
    evidence: 'faults: recoveryMs.promoted and healedAt; events member',
  };
  if (primaryLost.length === 0) {
    return {
      ...result,
      status: 'not-tested',
      evidence: 'no fault of this run took the primary away',
    };
  }
  return { ...result, status: unaided.length === primaryLost.length ? 'held' : 'refuted' };
}

function promotedBeforeHeal({ injectedAt, healedAt, recoveryMs }: FaultReport): boolean {
  if (injectedAt === null || recoveryMs.promoted === null) return false;
  return healedAt === null || Date.parse(injectedAt) + recoveryMs.promoted < Date.parse(healedAt);
}
