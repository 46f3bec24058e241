/**
 * What the primary's server sends (or a server of another role, or only to
 * some) arrives later, by a time that varies: a database in another region, a
 * congested link. Each commit waits for it at least once more. Threatens
 * latency, and whoever takes late for dead.
 *
 * netem on the server's interface delays every packet. A kernel without it has
 * a proxy in front of that server's PostgreSQL instead (`delay-proxy.ts`),
 * which begins and ends with a reset of its connections. Healing removes both.
 */
import { z } from 'zod';
import { activeFault } from './active-fault.ts';
import { answersLate, delayProxy } from './delay-proxy.ts';
import { defineFault, type FaultContext } from './fault.ts';
import { findFarEnd, findNearEnd, linkEnd, linkFarEnd, type FarEnd } from './link.ts';
import { delayQueue, delays } from './mechanisms.ts';
import { noTarget } from './target.ts';
import { queueCounts, trafficQueue } from './traffic-queue.ts';

interface Late {
  readonly delayMs: number;
  readonly jitterMs: number;
}

export const delay = defineFault({
  kind: 'delay',
  imitates: 'the way from the primary takes longer, by a time that varies',
  aim: 'the primary',
  expects: { kind: 'keeps-going', gapMsMax: 3_000 },
  needs: [delays],
  leansOn: ['database'],
  options: {
    from: linkEnd.default('primary'),
    /** On the way to these only. */
    to: linkFarEnd,
    delayMs: z.number().min(1).max(10_000).default(100),
    /** The delay varies by up to so much, up and down. */
    jitterMs: z.number().min(0).max(5_000).default(20),
  },
  target: (context, { from }) => findNearEnd(context, from),
  async prepare(context, target, { to, ...late }) {
    const far = await findFarEnd(context, to, target);
    const hasQueue = (await delayQueue.inCluster(context.cluster)).kind === 'able';
    const { line, seen } = (hasQueue ? queued : proxied)(context, target, far, late);
    return async () =>
      activeFault(context, {
        struck: await line.put(),
        looks: [seen],
        lasts: [seen],
        heal: line.remove,
      });
  },
});

function queued({ cluster }: FaultContext, target: string, far: FarEnd, late: Late) {
  const netem = ['netem', 'delay', `${late.delayMs}ms`, `${late.jitterMs}ms`];
  return {
    line: trafficQueue(cluster, target, netem, far),
    seen: queueCounts(cluster, target, 'netem', 'Sent'),
  };
}

function proxied({ cluster }: FaultContext, target: string, far: FarEnd, late: Late) {
  const server = cluster.servers.find(({ id, role }) => id === target && role === 'db');
  if (server === undefined || far !== 'everybody') {
    throw noTarget(
      `without netem only what PostgreSQL says to everybody can be delayed, not ${target}’s link`,
    );
  }
  return {
    line: delayProxy(cluster, server, late),
    seen: answersLate(cluster, server, Math.max(1, late.delayMs - late.jitterMs)),
  };
}
