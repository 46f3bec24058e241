/** How busy everything together kept the machine: the service, the load, the harness, and others. */
import type { RunEvent } from '../events.ts';
import type { Findings } from '../findings.ts';
import { eventsOf } from '../ledger/events.ts';
import { meanOf } from '../statistics.ts';
import type { Window } from './outcomes.ts';

/** Mean over the samples of the window. The first began before the window did: it does not count. */
export function busyMachine(
  events: readonly RunEvent[],
  window: Window | null,
): Findings['machine'] {
  const [, ...samples] = eventsOf(events, 'machine').filter(
    ({ atMs }) => window !== null && atMs >= window.fromMs && atMs < window.toMs,
  );
  return {
    cores: samples[0]?.cores ?? null,
    busyCores: samples.length === 0 ? null : meanOf(samples.map(({ busyCores }) => busyCores)),
  };
}
