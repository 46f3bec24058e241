/**
 * Every claim of the mission, in its order and its words. One that a run can
 * judge has a file beside this; the others are `not-tested`, with the reason.
 *
 * A claim is held only by a run whose preconditions are all met: a run that
 * proves nothing holds nothing. What is refuted stays refuted.
 */
import type { ClaimReport } from '../verdict.ts';
import { usersConnected } from './c01-users-connected.ts';
import { volume } from './c02-volume.ts';
import { availability } from './c03-availability.ts';
import { todaysLoad } from './c04-todays-load.ts';
import { estimate } from './c05-estimate.ts';
import { onePrimary } from './c10-one-primary.ts';
import { noDataLost } from './c11-no-data-lost.ts';
import { automaticFailover } from './c12-automatic-failover.ts';
import { evenLoad } from './c21-even-load.ts';
import { balancerRates } from './c30-balancer-rates.ts';
import { rateLimiting } from './c32-rate-limiting.ts';
import { caching } from './c33-caching.ts';
import { circuitBreaker } from './c34-circuit-breaker.ts';
import { authentication } from './c42-authentication.ts';
import { scaledApart } from './c60-scaled-apart.ts';
import { sharded } from './c62-sharded.ts';
import type { Claim, ClaimEvidence } from './claim.ts';
import { notTested } from './not-tested.ts';

export const CLAIMS: readonly Claim[] = [
  {
    id: 'C01',
    group: 'Volume',
    title: '20,000 users are connected at once',
    judge: usersConnected,
  },
  {
    id: 'C02',
    group: 'Volume',
    title: '333 messages/s, 1.2 M in an hour, nothing acknowledged is lost',
    judge: volume,
  },
  { id: 'C03', group: 'Volume', title: 'available ≥ 99 % of the time', judge: availability },
  {
    id: 'C04',
    group: 'Volume',
    title: "today's load (50 users, 100 messages/s) still works",
    judge: todaysLoad,
  },
  {
    id: 'C05',
    group: 'Volume',
    title: 'the estimate itself (users × 1/min = 333/s) is sound',
    judge: estimate,
  },
  {
    id: 'C10',
    group: 'Crisis',
    title: 'one primary takes writes, three read-only replicas follow',
    judge: onePrimary,
  },
  { id: 'C11', group: 'Crisis', title: 'an outage loses no data', judge: noDataLost },
  { id: 'C12', group: 'Crisis', title: 'failover is automatic', judge: automaticFailover },
  {
    id: 'C13',
    group: 'Crisis',
    title: 'backups are encrypted with AES-256, scheduled and off site',
    judge: notTested('C13'),
  },
  {
    id: 'C14',
    group: 'Crisis',
    title: 'monitoring detects anomalies and alerts operations',
    judge: notTested('C14'),
  },
  {
    id: 'C15',
    group: 'Crisis',
    title: 'the disaster-recovery plan is tested',
    judge: notTested('C15'),
  },
  {
    id: 'C20',
    group: 'Network',
    title: 'redundant paths, no single point of failure',
    judge: notTested('C20'),
  },
  { id: 'C21', group: 'Network', title: 'load balancers spread load evenly', judge: evenLoad },
  { id: 'C22', group: 'Network', title: 'DNS failover', judge: notTested('C22') },
  {
    id: 'C23',
    group: 'Network',
    title: 'health checks take an unhealthy server out and put it back',
    judge: notTested('C23'),
  },
  {
    id: 'C30',
    group: 'Load balancing',
    title:
      "the balancer's rates (4,000 rps on 1 CPU, 25,000 on 8, ≥ 100,000 in all) are far above the need",
    judge: balancerRates,
  },
  {
    id: 'C31',
    group: 'Load balancing',
    title: 'Kubernetes adds pods as load grows, and removes them',
    judge: notTested('C31'),
  },
  {
    id: 'C32',
    group: 'Load balancing',
    title: 'rate limiting stops abuse and leaves others alone',
    judge: rateLimiting,
  },
  {
    id: 'C33',
    group: 'Load balancing',
    title: 'caching lowers the load on the database',
    judge: caching,
  },
  {
    id: 'C34',
    group: 'Load balancing',
    title: 'circuit breakers stop cascades',
    judge: circuitBreaker,
  },
  { id: 'C40', group: 'Security', title: 'encrypted in transit', judge: notTested('C40') },
  { id: 'C41', group: 'Security', title: 'AES-256 at rest', judge: notTested('C41') },
  {
    id: 'C42',
    group: 'Security',
    title: 'authentication and authorisation',
    judge: authentication,
  },
  {
    id: 'C43',
    group: 'Security',
    title: 'intrusion detection sees suspicious activity',
    judge: notTested('C43'),
  },
  { id: 'C44', group: 'Security', title: 'regular audits', judge: notTested('C44') },
  {
    id: 'C50',
    group: 'Monitoring',
    title: 'logs of all servers in one place',
    judge: notTested('C50'),
  },
  {
    id: 'C51',
    group: 'Monitoring',
    title: 'performance and availability watched in real time',
    judge: notTested('C51'),
  },
  { id: 'C52', group: 'Monitoring', title: 'alerts reach operations', judge: notTested('C52') },
  { id: 'C53', group: 'Monitoring', title: 'dashboards', judge: notTested('C53') },
  { id: 'C60', group: 'Scale', title: 'components scale independently', judge: scaledApart },
  { id: 'C62', group: 'Scale', title: 'the database is sharded', judge: sharded },
  { id: 'C63', group: 'Scale', title: 'a CDN serves static content', judge: notTested('C63') },
  {
    id: 'C00',
    group: 'Infrastructure',
    title: 'nine servers are enough, and how far they go',
    judge: notTested('C00'),
  },
];

/** One report for each claim of the mission. */
export function judgeClaims(evidence: ClaimEvidence): readonly ClaimReport[] {
  const unmet = evidence.findings.preconditions.filter(({ met }) => !met).map(({ id }) => id);
  return CLAIMS.map(({ id, group, title, judge }) => {
    const result = judge(evidence);
    const doubtful = result.status === 'held' && unmet.length > 0;
    return {
      id,
      group,
      title,
      ...result,
      ...(doubtful && {
        status: 'not-tested' as const,
        evidence: `this run proves nothing: not met are ${unmet.join(', ')}`,
      }),
    };
  });
}
