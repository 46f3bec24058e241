/**
 * What the event log says about the cluster itself: evidence for the claims
 * about its shape, and for nothing else.
 */
import type { MemberRole, RunEvent } from '../events.ts';
import type { Series } from '../findings.ts';
import { type EventOf, eventsOf } from '../ledger/events.ts';
import type { Ledgers } from '../ledger/ledgers.ts';
import { concurrencyIn, type Concurrency } from './concurrency.ts';
import { observeService, type ObservedService } from './observed-service.ts';
import type { Window } from './outcomes.ts';

export interface ObservedCluster {
  /** Each database member's own word on its role, last before the first fault. */
  readonly roles: Readonly<Record<string, MemberRole>>;
  /** Of which database each of them is a member, from 0. */
  readonly databases: Readonly<Record<string, number>>;
  /** Writes tried on replicas, in order. */
  readonly replicaWrites: readonly { readonly node: string; readonly refused: boolean }[];
  /** Open sockets by chat server in the window, at the fullest moment. */
  readonly socketsByServer: Readonly<Record<string, number>>;
  /** Users connected by the client ledgers; null without a window. */
  readonly users: Concurrency | null;
  /** Most open sockets the servers counted in the window; null when never counted. */
  readonly socketsMax: number | null;
  /** One balancer on a CPU of its own; null: not tried. */
  readonly balancer: Omit<EventOf<'balancer-tried'>, 'atMs' | 'kind'> | null;
  /** The chat service's own protections. */
  readonly service: ObservedService;
}

export function observeCluster(
  events: readonly RunEvent[],
  ledgers: Ledgers,
  window: Window | null,
  /** Times in which faults cut users off. */
  cutOff: readonly Window[],
  usage: Series['usage'],
): ObservedCluster {
  const firstFaultMs = eventsOf(events, 'fault-injecting')[0]?.atMs ?? Infinity;
  const roles = new Map<string, MemberRole>();
  const databases: Record<string, number> = {};
  for (const event of eventsOf(events, 'member')) {
    if (event.atMs >= firstFaultMs) continue;
    roles.set(event.server, event.role);
    databases[event.server] = event.database ?? 0;
  }
  const counted = eventsOf(events, 'sockets').filter(
    ({ atMs }) => window !== null && atMs >= window.fromMs && atMs < window.toMs,
  );
  const fullest = counted.reduce<(typeof counted)[number] | undefined>(
    (best, each) => (best === undefined || each.open > best.open ? each : best),
    undefined,
  );
  return {
    roles: Object.fromEntries([...roles].sort(([left], [right]) => (left < right ? -1 : 1))),
    databases,
    replicaWrites: eventsOf(events, 'replica-write').map(({ node, refused }) => ({
      node,
      refused,
    })),
    socketsByServer: fullest?.byServer ?? {},
    balancer: eventsOf(events, 'balancer-tried').at(-1) ?? null,
    users: window === null ? null : concurrencyIn(ledgers, window, cutOff),
    socketsMax: fullest?.open ?? null,
    service: observeService({ events, ledgers, usage, cutOff }),
  };
}
