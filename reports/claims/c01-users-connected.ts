/**
 * C01: 20,000 users are connected at once, by the count of the servers and of
 * the generator, and stay so for the whole window. Refuted only when the
 * plateau fell while the generator was fit: else nobody knows whose fault it was.
 */
import { isGeneratorFit } from '../../chaos/judge/generator-fitness.ts';
import { isMet, MISSION_USERS, type ClaimEvidence, type ClaimResult } from './claim.ts';

export function usersConnected({ findings, observed }: ClaimEvidence): ClaimResult {
  const { users, socketsMax } = observed;
  const result = {
    measured:
      users === null
        ? 'no whole window'
        : `${socketsMax ?? 'not counted'} by the servers, ${users.max} by the generator, never under ${users.min} of ${findings.plan.users}`,
    required: `${MISSION_USERS} by both, never under 99 % of them in the window`,
    evidence: 'preconditions users-connected and plateau-held',
  };
  if (findings.plan.users < MISSION_USERS) {
    const evidence = `this run was made with ${findings.plan.users} users`;
    return { ...result, status: 'not-tested', evidence };
  }
  const reached = isMet(findings, 'users-connected');
  if (reached && isMet(findings, 'plateau-held')) return { ...result, status: 'held' };
  if (reached && isGeneratorFit(findings.preconditions)) return { ...result, status: 'refuted' };
  return {
    ...result,
    status: 'not-tested',
    evidence: 'the users were never all connected by a generator that was fit',
  };
}
