/** How busy everything together kept the machine: the service, the load, the harness, and others. */
import type { RunEvent } from '../events.ts';
import type { Findings } from '../findings.ts';
import { meanOf } from '../statistics.ts';
import { machineSamples } from './machine-samples.ts';
import type { Window } from './outcomes.ts';

/** Mean over the samples of the window. The first does not count. */
export function busyMachine(
  events: readonly RunEvent[],
  window: Window | null,
): Findings['machine'] {
  const [, ...samples] = machineSamples(events, window);
  return {
    cores: samples[0]?.cores ?? null,
    busyCores: samples.length === 0 ? null : meanOf(samples.map(({ busyCores }) => busyCores)),
  };
}
