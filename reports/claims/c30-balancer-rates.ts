/**
 * C30: the balancer's rates are far above the need. One HAProxy of the image in
 * use, with one thread alone on a core, is put under HTTP requests on kept
 * connections (`chaos/balancer-rates.ts`); what it did for each second of its CPU
 * time is held against the mission's figures, and the edges against the need:
 * every message and all its deliveries.
 *
 * Limit: only one CPU is measured; more are that many times one. Network cards
 * are not in it. `node bench/balancer.ts` measures new connections and TLS too.
 */
import { atUsers, type ClaimEvidence, type ClaimResult } from './claim.ts';

export interface RateBar {
  readonly name: string;
  readonly cpus: number;
  readonly requestsHzMin: number;
}

/** Two edges of 2 CPUs each. */
export const EDGE_CPUS = 4;

export const RATE_BARS: readonly RateBar[] = [
  { name: '1 CPU', cpus: 1, requestsHzMin: 4_000 },
  { name: '8 CPUs', cpus: 8, requestsHzMin: 25_000 },
  { name: 'in all: two edges of 2 CPUs', cpus: EDGE_CPUS, requestsHzMin: 100_000 },
];

const grouped = (rate: number): string => Math.round(rate).toLocaleString('en-GB');

export function balancerRates({ findings, observed }: ClaimEvidence): ClaimResult {
  const { plan, deliveries } = findings;
  const bars = RATE_BARS.map(({ name, requestsHzMin }) => `${grouped(requestsHzMin)} on ${name}`);
  const required = `requests/s: ${bars.join(', ')}`;
  const { balancer } = observed;
  if (balancer === null) {
    const evidence = 'no balancer was tried in this run';
    return { status: 'not-tested', measured: '–', required, evidence };
  }
  const { requestsPerCpuSec } = balancer;
  const isMet = RATE_BARS.every(
    ({ cpus, requestsHzMin }) => cpus * requestsPerCpuSec >= requestsHzMin,
  );
  const needHz = (plan.users / plan.intervalSec) * (1 + (deliveries.fanOut ?? 0));
  const need = `${grouped(needHz)} frames/s are needed${atUsers(findings)}, ${((100 * needHz) / (EDGE_CPUS * requestsPerCpuSec)).toFixed(1)} % of what two edges do`;
  return {
    status: isMet ? 'held' : 'refuted',
    measured: `${grouped(requestsPerCpuSec)} requests for each second of one CPU, so ${grouped(EDGE_CPUS * requestsPerCpuSec)}/s on two edges of 2 CPUs; ${need}`,
    required,
    evidence: 'event balancer-tried; more than one CPU is that many times one',
  };
}
