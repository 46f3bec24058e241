/**
 * The mission's three figures for its balancer, held against what one CPU did
 * here (claim C30). Only the first is measured; the others are that figure
 * times CPUs, and say so.
 */
import { EDGE_CPUS, RATE_BARS } from '../../reports/claims/c30-balancer-rates.ts';
import { grouped } from '../table.ts';

/** Nine servers of 2 CPUs, if they did nothing else. */
const ALL_CPUS = 18;
/** 20,000 users at a message a minute, and some 20 receivers of each. */
const NEED_HZ = (20_000 / 60) * 21;

interface HeldAgainstBars {
  readonly lines: readonly string[];
  readonly met: boolean;
}

/**
 * `requestsPerCpuSec`: on kept connections, as the bars mean it. `newConnections`: the same with a
 * connection for each request, to be told beside it.
 */
export function holdAgainstBars(
  requestsPerCpuSec: number,
  newConnections: number,
): HeldAgainstBars {
  const held = RATE_BARS.map(({ name, cpus, requestsHzMin }) => {
    const figure = cpus * requestsPerCpuSec;
    const met = figure >= requestsHzMin;
    const how = cpus === 1 ? 'measured' : `${cpus} times one CPU`;
    const line = `balancer, ${name}: ${grouped(figure)} requests/s, ${how} (bar ${grouped(requestsHzMin)}) ${met ? 'met' : 'not met'}`;
    return { line, met };
  });
  const all = ALL_CPUS * requestsPerCpuSec;
  const need = `The need of 20,000 users, their messages and all deliveries: ${grouped(NEED_HZ)}/s, ${((100 * NEED_HZ) / (EDGE_CPUS * requestsPerCpuSec)).toFixed(0)} % of the two edges.`;
  return {
    lines: [
      `All ${ALL_CPUS} CPUs of nine servers, if they did nothing else: ${grouped(all)} requests/s.`,
      need,
      `With a new connection for each request two edges would do ${grouped(EDGE_CPUS * newConnections)}/s.`,
      'Times CPUs: each balancer process is alone with its connections and shares nothing but the',
      'kernel and the network card, which are not in it.',
      ...held.map(({ line }) => line),
    ],
    met: held.every(({ met }) => met),
  };
}
