/**
 * C42: authentication and authorisation: no token, forged, expired, unsigned,
 * for another service, another user's channel: each refused, and each counted
 * by its reason by the servers themselves (`chaos/refusals.ts`).
 */
import { totalOf } from '../../chaos/service-counters.ts';
import type { ClaimEvidence, ClaimResult } from './claim.ts';

/** Reason → where the service counts it. */
const COUNTED = {
  missing: ['chat_logins_total', 'outcome="missing"'],
  expired: ['chat_logins_total', 'outcome="expired"'],
  'bad-signature': ['chat_logins_total', 'outcome="bad-signature"'],
  'wrong-algorithm': ['chat_logins_total', 'outcome="wrong-algorithm"'],
  'wrong-audience': ['chat_logins_total', 'outcome="wrong-audience"'],
  'not-a-member': ['chat_errors_total', 'code="not-a-member"'],
} as const;

export function authentication({ observed }: ClaimEvidence): ClaimResult {
  const { refusals, countedRefusals } = observed.service;
  const counters = new Map(Object.entries(countedRefusals ?? {}));
  const rows = Object.entries(COUNTED).map(([reason, [metric, label]]) => {
    const tried = refusals.filter((each) => each.reason === reason);
    return {
      reason,
      tried: tried.length,
      taken: tried.filter(({ refused }) => !refused).length,
      counted: totalOf(counters, metric, label),
    };
  });
  const result = {
    measured: rows
      .map(
        ({ reason, tried, taken, counted }) =>
          `${reason} ${tried - taken} of ${tried} refused, ${counted} counted`,
      )
      .join('; '),
    required: 'each refused, each counted by its reason',
    evidence: 'events refusal and counted (refusals)',
  };
  if (rows.some(({ taken }) => taken > 0)) return { ...result, status: 'refuted' };
  const untried = rows.filter(({ tried }) => tried === 0).map(({ reason }) => reason);
  if (untried.length > 0 || countedRefusals === null) {
    const evidence = `not tried: ${untried.length === 0 ? 'what the servers count' : untried.join(', ')}`;
    return { ...result, status: 'not-tested', evidence };
  }
  const uncounted = rows.some(({ tried, counted }) => counted < tried);
  return { ...result, status: uncounted ? 'refuted' : 'held' };
}
