/**
 * The events of a run as the facts a judgement needs: the window, and for each
 * fault when it struck, what followed, and when it was over.
 *
 * A fault strikes between two moments that `fault-injected` names; without that
 * event, when its injection began. Recovery is counted from the earlier end, so
 * that it is never flattered.
 */
import type { Persistence, RunEvent } from '../events.ts';
import type { Expectation } from '../faults/expectation.ts';
import type { FaultReport } from '../findings.ts';
import { eventsOf } from '../ledger/events.ts';
import type { Window } from './outcomes.ts';

/** A fault as the event log tells it; times in epoch milliseconds, null: not seen. */
export interface FaultSpan {
  readonly id: string;
  readonly kind: string;
  readonly target: string;
  /** The server of the target: `db1` of `db1/patroni`. */
  readonly server: string;
  /** Of which database the target is a member; null: it is no database server. */
  readonly database: number | null;
  readonly struckMs: number;
  /** By then it had struck. */
  readonly injectedMs: number | null;
  /** When its healing began. */
  readonly healingMs: number | null;
  readonly healedMs: number | null;
  readonly restoredMs: number | null;
  /** Until when what happens is put down to this fault. */
  readonly overMs: number;
  readonly proof: FaultReport['proof'];
  /** What the service had to do; null: not recorded. */
  readonly expects: Expectation | null;
  /** Does it take the primary away? Null: not recorded. */
  readonly failover: boolean | null;
  /** What was still to be seen of it right before it was healed. */
  readonly held: Persistence | null;
  readonly steadyBefore: boolean;
  readonly detectedMs: number | null;
  readonly promotedMs: number | null;
  readonly newPrimary: string | null;
}

/** Null unless both ends were reached: a window cut short would blame the service for the cut. */
export function windowOf(events: readonly RunEvent[]): Window | null {
  const fromMs = eventsOf(events, 'window-began')[0]?.atMs;
  const toMs = eventsOf(events, 'window-ended').at(-1)?.atMs;
  return fromMs === undefined || toMs === undefined || toMs <= fromMs ? null : { fromMs, toMs };
}

/** In the order in which they struck. */
export function faultSpans(
  events: readonly RunEvent[],
  databaseOfNode: ReadonlyMap<string, number>,
): readonly FaultSpan[] {
  const injecting = eventsOf(events, 'fault-injecting');
  return injecting.map((began, index) => {
    // A target of several servers is written `db2, db3`.
    const [server = ''] = began.target.split(/[/,]/);
    const database = databaseOfNode.get(server) ?? null;
    return spanOf(events, began, injecting[index + 1]?.atMs ?? Infinity, database);
  });
}

function spanOf(
  events: readonly RunEvent[],
  began: Extract<RunEvent, { kind: 'fault-injecting' }>,
  nextFaultMs: number,
  database: number | null,
): FaultSpan {
  const { id, fault, target } = began;
  const own = <E extends { readonly id: string }>(list: readonly E[]): E | undefined =>
    list.find((event) => event.id === id);
  const injected = own(eventsOf(events, 'fault-injected'));
  const struckMs = injected?.struckFromMs ?? began.atMs;
  const proof = eventsOf(events, 'fault-proof').findLast((event) => event.id === id)?.proof;
  const healedMs = own(eventsOf(events, 'fault-healed'))?.atMs ?? null;
  const restoredMs = own(eventsOf(events, 'redundancy-restored'))?.atMs ?? null;
  const steady = eventsOf(events, 'steady-state').findLast(
    (event) => event.atMs <= struckMs && (event.before === id || event.before === fault),
  );
  const lastMs = eventsOf(events, 'window-ended').at(-1)?.atMs ?? events.at(-1)?.atMs ?? struckMs;
  // A heal that never restored redundancy leaves the fault open until the next one or the end.
  const overMs = restoredMs ?? Math.min(nextFaultMs, Math.max(lastMs, healedMs ?? lastMs));
  const server = target.split('/')[0] ?? target;
  return {
    id,
    kind: fault,
    target,
    server,
    database,
    struckMs,
    injectedMs: injected?.struckToMs ?? null,
    healingMs: own(eventsOf(events, 'fault-healing'))?.atMs ?? null,
    healedMs,
    restoredMs,
    overMs,
    proof: proof ?? { bitten: false, observations: [] },
    expects: began.expects ?? null,
    failover: began.failover ?? null,
    held: own(eventsOf(events, 'fault-held')) ?? null,
    steadyBefore: steady?.held ?? false,
    ...failoverOf(ofDatabase(events, database ?? 0), server, struckMs, overMs),
  };
}

/** Without what the log says of other databases' leaders and members. */
const ofDatabase = (events: readonly RunEvent[], database: number): readonly RunEvent[] =>
  events.filter(
    (event) =>
      (event.kind !== 'leader' && event.kind !== 'member') || (event.database ?? 0) === database,
  );

function failoverOf(events: readonly RunEvent[], server: string, struckMs: number, overMs: number) {
  const before = events.filter((event) => event.atMs < struckMs);
  const during = events.filter((event) => event.atMs >= struckMs && event.atMs <= overMs);
  const holder = eventsOf(before, 'leader').at(-1)?.leader ?? '';
  const timeline = Math.max(0, ...eventsOf(before, 'member').map((event) => event.timeline));
  const wasPrimary =
    holder === server ||
    eventsOf(before, 'member').findLast((event) => event.server === server)?.role === 'primary';
  const noticed = wasPrimary
    ? during.find(
        (event) =>
          (event.kind === 'leader' && event.leader !== holder) ||
          (event.kind === 'member' && event.server === server && event.role !== 'primary'),
      )
    : undefined;
  const promoted = eventsOf(during, 'member').find(
    (event) => event.role === 'primary' && event.server !== server && event.timeline > timeline,
  );
  // A promotion that was seen first is a detection, too.
  const detectedMs = noticed?.atMs ?? null;
  const promotedMs = promoted?.atMs ?? null;
  return {
    detectedMs:
      detectedMs !== null && promotedMs !== null ? Math.min(detectedMs, promotedMs) : detectedMs,
    promotedMs,
    newPrimary: promoted?.server ?? null,
  };
}
