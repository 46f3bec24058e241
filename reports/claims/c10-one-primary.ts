/**
 * C10: one primary takes writes, three read-only replicas follow; in each
 * database, where there are several. Read from the members' own word before the
 * first fault, and from writes that every replica refused.
 *
 * Limit: that history reads are served by the replicas is not looked at.
 */
import type { MemberRole } from '../../chaos/events.ts';
import type { ClaimEvidence, ClaimResult } from './claim.ts';

export function onePrimary({ observed }: ClaimEvidence): ClaimResult {
  const members = Object.entries(observed.roles);
  const databases = new Set(members.map(([node]) => observed.databases[node] ?? 0)).size || 1;
  const inEach = (role: MemberRole, expected: number): boolean =>
    Array.from({ length: databases }, (_, database) =>
      members.filter(([node, own]) => (observed.databases[node] ?? 0) === database && own === role),
    ).every(({ length }) => length === expected);
  const primaries = members.filter(([, role]) => role === 'primary').length;
  const replicas = members.filter(([, role]) => role === 'replica').length;
  const tried = new Set(observed.replicaWrites.map(({ node }) => node)).size;
  const taken = observed.replicaWrites.filter(({ refused }) => !refused);
  const result = {
    measured: `${primaries} primary, ${replicas} replicas; ${tried - taken.length} of ${tried} replicas refused a write`,
    required: `1 primary, 3 replicas, all 3 refuse a write${databases > 1 ? `, in each of ${databases} databases` : ''}`,
    evidence: 'events member and replica-write; who serves history reads was not looked at',
  };
  if (taken.length > 0 || primaries > databases) return { ...result, status: 'refuted' };
  if (members.length === 0 || tried < 3 * databases) {
    return {
      ...result,
      status: 'not-tested',
      evidence: 'roles or refused writes are not in the event log',
    };
  }
  const isShaped = inEach('primary', 1) && inEach('replica', 3);
  return { ...result, status: isShaped ? 'held' : 'refuted' };
}
