/**
 * Cores bound the users and the honesty of the measured latency. Measured: 20,000 users at 333
 * messages/s, the whole cluster and the generator together, took 1.3 to 1.7 cores, by the machine.
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
        means: '20,000 users at 333 messages/s take 1.3 to 1.7 cores, generator included',
        mend: [],
      }
    : {
        kind: 'limited',
        found,
        means: 'too few for 20,000 users (1.3 to 1.7 cores); the generator would be saturated',
        mend: [],
      };
}
