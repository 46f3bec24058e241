/**
 * The steady state: what has to be true before a fault strikes, or its
 * outcome means nothing. The database whole, everybody connected, messages
 * acknowledged at the rate they are sent and without a backlog.
 */
import type { Cluster } from '../cluster/cluster.ts';
import type { Awaited } from '../cluster/await.ts';
import type { LiveLedger } from './live-ledger.ts';
import type { Plan } from './plan.ts';
import { lookAtRedundancy } from './redundancy.ts';

/** Seconds looked back over. */
const LOOK_BACK_SEC = 5;
/** Share of the sends of these seconds acknowledged in them, and in time; the rest is chance at the edges. */
const SHARE_MIN = 0.95;

export async function lookAtSteadyState(
  cluster: Cluster,
  live: LiveLedger,
  plan: Plan,
): Promise<Awaited> {
  const redundancy = await lookAtRedundancy(cluster);
  live.update();
  const nowMs = Date.now();
  const { sent, acknowledged, inTime } = live.recent(nowMs, LOOK_BACK_SEC);
  const oldestMs = live.oldestOutstandingMs(nowMs);
  const flowing =
    acknowledged >= Math.floor(SHARE_MIN * sent) &&
    inTime >= SHARE_MIN * acknowledged &&
    acknowledged > 0 &&
    oldestMs <= plan.objective.deadlineMs;
  const connected = live.connected === plan.users;
  return {
    met: redundancy.met && flowing && connected,
    seen:
      `${live.connected} of ${plan.users} users connected; last ${LOOK_BACK_SEC} s: ${sent} sent, ` +
      `${acknowledged} acknowledged, ${inTime} in time; oldest under way ${oldestMs} ms; ${redundancy.seen}`,
  };
}
