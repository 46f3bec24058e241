/**
 * The campaign: the plan's faults one by one, each from the steady state,
 * proven, held, looked at again, healed, and the redundancy awaited before the
 * next. One that the topology cannot bear when its turn comes is skipped. Every
 * step is in the event log.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import { pollUntil } from '../cluster/await.ts';
import type { EventLog } from './event-log.ts';
import { faultOf } from './faults/index.ts';
import { awaitLegality } from './faults/legality.ts';
import type { LiveLedger } from './live-ledger.ts';
import type { Load } from './load.ts';
import type { Plan, PlannedFault } from './plan.ts';
import { faultAt, skipsInARowMax } from './planned-faults.ts';
import { oneDatabase } from './one-database.ts';
import { lookAtRedundancy } from './redundancy.ts';
import { lookAtSteadyState } from './steady-state.ts';
import { keepMessagesUnderWay } from './volley.ts';
import type { Watchdog } from './watchdog/watchdog.ts';

/** A member that has to rewind and stream again took up to 30 s; more means that it does not come back. */
const REDUNDANCY_TIMEOUT_MS = 120_000;
/** After redundancy is back the backlog of retries is gone within seconds. */
const STEADY_TIMEOUT_MS = 60_000;

/** A server that was off answers on all its ports within 5 s. */
const LEGAL_TIMEOUT_MS = 10_000;

export interface CampaignContext {
  readonly plan: Plan;
  readonly cluster: Cluster;
  readonly log: EventLog;
  readonly load: Load;
  readonly live: LiveLedger;
  readonly watchdog: Watchdog;
  readonly signal: AbortSignal;
}

/** `skipped`: it could not be borne now. `unsteady`: nor could any other. */
type Turn = 'struck' | 'skipped' | 'unsteady';

export async function runCampaign(context: CampaignContext): Promise<void> {
  const { plan, log } = context;
  let due = plan.faults.length;
  let skippedInARow = 0;
  for (let place = 0; due > 0; place++) {
    const planned = faultAt(plan, place);
    if (planned === undefined) return;
    const turn = await runFault(context, place, planned);
    // A plan that names its faults has no other instead; the judge says that one did not come.
    if (turn !== 'skipped' || plan.campaign === undefined) due--;
    skippedInARow = turn === 'skipped' ? skippedInARow + 1 : 0;
    if (plan.campaign !== undefined && skippedInARow >= skipsInARowMax(plan)) {
      log.write({ kind: 'note', text: `campaign ended: ${skippedInARow} faults skipped in a row` });
      return;
    }
  }
}

async function runFault(
  context: CampaignContext,
  place: number,
  planned: PlannedFault,
): Promise<Turn> {
  const id = `${place + 1}-${planned.kind}`;
  const { plan, cluster, log, load, live, watchdog, signal } = context;
  // Of several databases the first is struck: what happens to the others shows what they share.
  const stricken = { cluster: oneDatabase(cluster, 0), signal };
  const fault = faultOf(planned.kind);
  const steady = await pollUntil(() => lookAtSteadyState(cluster, live, plan), {
    timeoutMs: STEADY_TIMEOUT_MS,
    everyMs: 500,
    signal,
  });
  log.write({ kind: 'steady-state', before: id, held: steady.met, detail: steady.seen });
  // Breaking more on top of what has not healed would prove nothing and may harm.
  if (!steady.met) return 'unsteady';
  const legality = await awaitLegality(fault, stricken, LEGAL_TIMEOUT_MS);
  if (legality.kind === 'illegal') {
    log.write({ kind: 'fault-skipped', id, fault: fault.kind, place, why: legality.why });
    return 'skipped';
  }

  await watchdog.arm();
  const target = await fault.target(stricken, planned);
  const strike = await fault.prepare(stricken, target, planned);
  {
    load.memory.putOff('failover');
    using volleys = await keepMessagesUnderWay(load, plan.users, signal);
    const { expects, failover } = fault;
    log.write({ kind: 'fault-injecting', id, fault: fault.kind, target, expects, failover });
    await using active = await strike();
    volleys[Symbol.dispose]();
    const { fromMs, toMs } = active.struck;
    const struck = { struckFromMs: fromMs, struckToMs: toMs };
    log.write({ kind: 'fault-injected', id, fault: fault.kind, target, ...struck });
    const proving = active.prove(planned.holdSec * 1_000);
    // Handled where it is awaited; an interrupt during the pause must not make it an unhandled one.
    proving.catch(() => undefined);
    await pause(planned.holdSec * 1_000, undefined, { signal });
    log.write({ kind: 'fault-proof', id, proof: await proving });
    log.write({ kind: 'fault-held', id, ...(await active.lookAgain()) });
    log.write({ kind: 'fault-healing', id });
    load.memory.putOff('rejoin');
    await active.heal();
    log.write({ kind: 'fault-healed', id });
    watchdog.disarm();
  }

  const whole = await pollUntil(() => lookAtRedundancy(cluster), {
    timeoutMs: REDUNDANCY_TIMEOUT_MS,
    everyMs: 250,
    signal,
  });
  load.memory.atEase();
  if (whole.met) log.write({ kind: 'redundancy-restored', id });
  else log.write({ kind: 'note', text: `redundancy not restored after ${id}: ${whole.seen}` });
  await pause(plan.settleSec * 1_000, undefined, { signal });
  return 'struck';
}
