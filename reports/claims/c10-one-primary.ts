/**
 * C10: one primary takes writes, three read-only replicas follow. Read from
 * the members' own word before the first fault, and from writes that every
 * replica refused.
 *
 * Limit: that history reads are served by the replicas is not looked at.
 */
import type { ClaimEvidence, ClaimResult } from './claim.ts';

export function onePrimary({ observed }: ClaimEvidence): ClaimResult {
  const roles = Object.values(observed.roles);
  const primaries = roles.filter((role) => role === 'primary').length;
  const replicas = roles.filter((role) => role === 'replica').length;
  const tried = new Set(observed.replicaWrites.map(({ node }) => node)).size;
  const taken = observed.replicaWrites.filter(({ refused }) => !refused);
  const result = {
    measured: `${primaries} primary, ${replicas} replicas; ${tried - taken.length} of ${tried} replicas refused a write`,
    required: '1 primary, 3 replicas, all 3 refuse a write',
    evidence: 'events member and replica-write; who serves history reads was not looked at',
  };
  if (taken.length > 0 || primaries > 1) return { ...result, status: 'refuted' };
  if (roles.length === 0 || tried < 3) {
    return {
      ...result,
      status: 'not-tested',
      evidence: 'roles or refused writes are not in the event log',
    };
  }
  return { ...result, status: primaries === 1 && replicas === 3 ? 'held' : 'refuted' };
}
