/**
 * The campaign: the plan's faults one by one, each from the steady state,
 * proven, held, looked at again, healed, and the redundancy awaited before the next. Every
 * step is in the event log.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import { pollUntil } from './await.ts';
import type { EventLog } from './event-log.ts';
import { faultOf } from './faults/index.ts';
import type { LiveLedger } from './live-ledger.ts';
import type { Load } from './load.ts';
import type { Plan, PlannedFault } from './plan.ts';
import { lookAtRedundancy } from './redundancy.ts';
import { lookAtSteadyState } from './steady-state.ts';

/** A member that has to rewind and stream again took up to 30 s; more means that it does not come back. */
const REDUNDANCY_TIMEOUT_MS = 120_000;
/** After redundancy is back the backlog of retries is gone within seconds. */
const STEADY_TIMEOUT_MS = 60_000;

/**
 * A fault that strikes between two messages proves nothing, and a message is under way for some
 * 20 ms: around the blow, 500 a second keep ten of them there. A load that has as many needs no
 * volley. The engine takes 50 to 200 ms to run what strikes.
 */
const VOLLEY_PER_SEC = 500;
const VOLLEY_MS = 400;
const VOLLEY_LEAD_MS = 60;

export interface CampaignContext {
  readonly plan: Plan;
  readonly cluster: Cluster;
  readonly log: EventLog;
  readonly load: Load;
  readonly live: LiveLedger;
  readonly signal: AbortSignal;
}

export async function runCampaign(context: CampaignContext): Promise<void> {
  const { plan } = context;
  for (const [index, planned] of plan.faults.entries()) {
    await runFault(context, `${index + 1}-${planned.kind}`, planned);
  }
}

async function runFault(
  context: CampaignContext,
  id: string,
  planned: PlannedFault,
): Promise<void> {
  const { plan, cluster, log, load, live, signal } = context;
  const fault = faultOf(planned.kind);
  const steady = await pollUntil(() => lookAtSteadyState(cluster, live, plan), {
    timeoutMs: STEADY_TIMEOUT_MS,
    everyMs: 500,
    signal,
  });
  log.write({ kind: 'steady-state', before: id, held: steady.met, detail: steady.seen });
  // Breaking more on top of what has not healed would prove nothing and may harm.
  if (!steady.met) return;

  const target = await fault.target({ cluster, signal }, planned);
  const strike = await fault.prepare({ cluster, signal }, target, planned);
  {
    const missingPerSec = Math.max(0, VOLLEY_PER_SEC - plan.users / plan.intervalSec);
    const messages = Math.round((missingPerSec * VOLLEY_MS) / 1_000);
    load.tell({ kind: 'volley', messages, forMs: VOLLEY_MS });
    // The generator hears of it within a millisecond or two; the strike falls into the volley.
    await pause(VOLLEY_LEAD_MS, undefined, { signal });
    log.write({ kind: 'fault-injecting', id, fault: fault.kind, target });
    await using active = await strike();
    const { fromMs, toMs } = active.struck;
    const struck = { struckFromMs: fromMs, struckToMs: toMs };
    log.write({ kind: 'fault-injected', id, fault: fault.kind, target, ...struck });
    const proving = active.prove(planned.holdSec * 1_000);
    // Handled where it is awaited; an interrupt during the pause must not make it an unhandled one.
    proving.catch(() => undefined);
    await pause(planned.holdSec * 1_000, undefined, { signal });
    log.write({ kind: 'fault-proof', id, proof: await proving });
    log.write({ kind: 'fault-held', id, ...(await active.lookAgain()) });
    await active.heal();
    log.write({ kind: 'fault-healed', id });
  }

  const whole = await pollUntil(() => lookAtRedundancy(cluster), {
    timeoutMs: REDUNDANCY_TIMEOUT_MS,
    everyMs: 250,
    signal,
  });
  if (whole.met) log.write({ kind: 'redundancy-restored', id });
  else log.write({ kind: 'note', text: `redundancy not restored after ${id}: ${whole.seen}` });
  await pause(plan.settleSec * 1_000, undefined, { signal });
}
