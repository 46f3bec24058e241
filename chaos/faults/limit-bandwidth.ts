/**
 * The primary's server can send only so much: a link shared with a backup, a
 * quota of the provider. Replication and answers queue behind one another.
 * Threatens latency, then the replicas, which fall behind.
 *
 * A token bucket (tbf) on the server's interface. Healing removes it.
 */
import { z } from 'zod';
import { activeFault } from './active-fault.ts';
import { defineFault } from './fault.ts';
import { findFarEnd, findNearEnd, linkEnd, linkFarEnd } from './link.ts';
import { rateQueue } from './mechanisms.ts';
import { queueCounts, trafficQueue } from './traffic-queue.ts';

export const limitBandwidth = defineFault({
  kind: 'limit-bandwidth',
  imitates: 'the primary’s link carries only so much',
  aim: 'the primary',
  expects: { kind: 'keeps-going', gapMsMax: 5_000 },
  needs: [rateQueue],
  leansOn: ['database'],
  options: {
    from: linkEnd.default('primary'),
    /** On the way to these only. */
    to: linkFarEnd,
    /** 333 messages a second to three replicas take about 8,000. */
    kilobitsHz: z.number().int().min(8).max(10_000_000).default(2_000),
  },
  target: (context, { from }) => findNearEnd(context, from),
  async prepare(context, target, { to, kilobitsHz }) {
    const { cluster } = context;
    const far = await findFarEnd(context, to, target);
    // A packet waits at most 400 ms in the queue, then it is dropped, as routers do.
    const limit = ['tbf', 'rate', `${kilobitsHz}kbit`, 'burst', '16kb', 'latency', '400ms'];
    const queue = trafficQueue(cluster, target, limit, far);
    return async () =>
      activeFault(context, {
        struck: await queue.put(),
        looks: [queueCounts(cluster, target, 'tbf', 'overlimits')],
        lasts: [queueCounts(cluster, target, 'tbf', 'overlimits')],
        heal: queue.remove,
      });
  },
});
