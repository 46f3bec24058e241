/**
 * What has to be refused was refused: logins without a right to one, channels
 * of others, a used key for another message, and writes on a replica.
 *
 * Evidence: the events `refusal` and `replica-write`, each an attempt that the
 * harness made itself when the load was over. What was not tried is not known:
 * a run without these attempts says nothing about them.
 */
import type { RunEvent } from '../events.ts';
import type { CheckResult } from '../findings.ts';
import { eventsOf } from '../ledger/events.ts';
import type { Ledgers } from '../ledger/ledgers.ts';
import { conclude } from './check-result.ts';

/** So many at least; runs of earlier versions tried no more (`chaos/refusals.ts`). */
export const ATTEMPTS = 8;

export function refusals(
  events: readonly RunEvent[],
  { nodes, databases }: Pick<Ledgers, 'nodes' | 'databases'>,
): CheckResult {
  const tried = eventsOf(events, 'refusal');
  const writes = eventsOf(events, 'replica-write');
  const taken = tried.filter(({ refused }) => !refused);
  const written = writes.filter(({ refused }) => !refused);
  // One node of each database is its primary, and may be written to.
  const replicas = Math.max(1, nodes.length - databases);
  const missing = [
    ...(tried.length < ATTEMPTS ? [`${ATTEMPTS - tried.length} attempts on the service`] : []),
    ...(writes.length < replicas ? [`writes on ${replicas - writes.length} replicas`] : []),
  ];
  return conclude({
    id: 'refusals',
    title: 'What has to be refused was refused',
    counts: { tried: tried.length + writes.length, taken: taken.length, written: written.length },
    refuted: taken.length + written.length > 0,
    examples: [
      ...taken.map(({ what, detail }) => `${what}: ${detail}`),
      ...written.map(({ node, detail }) => `a write on the replica ${node}: ${detail}`),
    ],
    missing,
    detail: 'taken: attempts that the service did not refuse; written: replicas that took a write.',
  });
}
