/**
 * Cores bound the users and the honesty of the measured latency. Measured: 20,000 users at 333
 * messages/s, the whole cluster and the generator together, took about 1.3 cores.
 */
import type { Check, Finding } from '../check.ts';
import { usableCores } from '../limits.ts';

export const cores: Check = {
  id: 'cores',
  title: 'Processor cores',
  needed: 'always',
  probe: async () => judgeCores(usableCores()),
};

export function judgeCores(count: number): Finding {
  const found = String(count);
  return count >= 2
    ? {
        kind: 'ok',
        found,
        means: '20,000 users at 333 messages/s take about 1.3 cores, generator included',
        mend: [],
      }
    : {
        kind: 'limited',
        found,
        means: 'too few for 20,000 users (about 1.3 cores); the generator would be saturated',
        mend: [],
      };
}
