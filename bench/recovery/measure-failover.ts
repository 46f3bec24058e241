/**
 * One failover, measured from outside: a fault struck under a few users who
 * write all the time, and how long none of them was answered. The wait is
 * split where it can be seen: until the old leader lost its key, until another
 * held it, until the first message was acknowledged again.
 *
 * The leader key is asked for every 25 ms, so the parts are right to that; the
 * whole comes from the users themselves.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster, ServerId } from '../../cluster/cluster.ts';
import { HoldfastError } from '../../cluster/errors.ts';
import { faultOf, type FaultKind } from '../../chaos/faults/index.ts';
import { awaitFlow, type Writers } from '../../chaos/faults/testing/writers.ts';
import { plannedFaultSchema } from '../../chaos/plan.ts';
import { awaitRedundancy } from '../../chaos/redundancy.ts';
import type { Turns } from './turns.ts';

const LOOK_EVERY_MS = 25;
const LEADER_TIMEOUT_MS = 500;
/** The lease lasts 20 s, and an election follows. */
const FAILOVER_TIMEOUT_MS = 60_000;
const WHOLE_TIMEOUT_MS = 180_000;

export interface Failover {
  readonly fault: FaultKind;
  /** Longest time without an acknowledgement from the strike on, ms. */
  readonly gapMs: number;
  /** From the strike until the old leader had lost its key, ms. */
  readonly releasedMs: number;
  /** From there until another held it, ms. */
  readonly electedMs: number;
  /** From there until a message was acknowledged again, ms. */
  readonly servedMs: number;
}

/** From a whole cluster on; takes its turn from the strike until messages flow again. */
export async function measureFailover(
  cluster: Cluster,
  writers: Writers,
  kind: FaultKind,
  { turns, signal }: { readonly turns: Turns; readonly signal: AbortSignal },
): Promise<Failover> {
  await awaitRedundancy(cluster, { timeoutMs: WHOLE_TIMEOUT_MS, signal });
  await awaitFlow(writers, signal);
  const fault = faultOf(kind);
  const planned = plannedFaultSchema.parse({ kind });
  const context = { cluster, signal };
  const old = await fault.target(context, planned);
  const strike = await fault.prepare(context, old, planned);
  await using resources = new AsyncDisposableStack();
  const { active, lostAtMs, heldAtMs } = await turns(async () => {
    const watched = watchLeader(cluster, old, signal);
    const struck = resources.use(await strike());
    const leader = await watched;
    await awaitFlow(writers, signal);
    return { active: struck, ...leader };
  });
  const { fromMs: struckMs } = active.struck;
  await active.heal();
  const firstMs = Math.min(...[...writers.acknowledged.values()].filter((ms) => ms >= heldAtMs));
  return {
    fault: kind,
    gapMs: writers.longestGapMs(struckMs, Date.now()),
    releasedMs: Math.max(0, lostAtMs - struckMs),
    electedMs: heldAtMs - lostAtMs,
    servedMs: firstMs - heldAtMs,
  };
}

/** When `old` was first seen not to hold the key, and when another was. */
async function watchLeader(
  cluster: Cluster,
  old: ServerId,
  signal: AbortSignal,
): Promise<{ readonly lostAtMs: number; readonly heldAtMs: number }> {
  const untilMs = Date.now() + FAILOVER_TIMEOUT_MS;
  let lostAtMs: number | undefined;
  while (Date.now() < untilMs) {
    const leader = await cluster.leader(LEADER_TIMEOUT_MS).catch(() => undefined);
    const nowMs = Date.now();
    if (leader !== undefined && leader !== old) lostAtMs ??= nowMs;
    if (leader !== undefined && leader !== old && leader !== '') {
      return { lostAtMs: lostAtMs ?? nowMs, heldAtMs: nowMs };
    }
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
  throw new HoldfastError({
    code: 'bench-no-failover',
    message: `${old} was struck, and after ${FAILOVER_TIMEOUT_MS / 1_000} s no other member held the leader key`,
    remedy: 'try the fault by itself: ./holdfast gate --users 100 --duration 10s --faults KIND',
  });
}
