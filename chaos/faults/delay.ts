/**
 * Everything the primary's server sends arrives later, by a time that varies:
 * a database in another region, a congested link. Each commit waits for it at
 * least once more. Threatens latency, and whoever takes late for dead.
 *
 * netem on the server's interface. Healing removes it. Limit: not every kernel
 * has netem; there is no honest way round it, so without it the fault is not
 * legal.
 */
import { z } from 'zod';
import { activeFault } from './active-fault.ts';
import { defineFault } from './fault.ts';
import { findFarEnd, findNearEnd, linkEnd, linkFarEnd } from './link.ts';
import { delayQueue } from './mechanisms.ts';
import { queueCounts, trafficQueue } from './traffic-queue.ts';

export const delay = defineFault({
  kind: 'delay',
  imitates: 'the way from the primary takes longer, by a time that varies',
  aim: 'the primary',
  expects: { kind: 'keeps-going', gapMsMax: 3_000 },
  needs: [delayQueue],
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
  async prepare(context, target, { to, delayMs, jitterMs }) {
    const { cluster } = context;
    const far = await findFarEnd(context, to, target);
    const late = ['netem', 'delay', `${delayMs}ms`, `${jitterMs}ms`];
    const queue = trafficQueue(cluster, target, late, far);
    return async () =>
      activeFault(context, {
        struck: await queue.put(),
        looks: [queueCounts(cluster, target, 'netem', 'Sent')],
        lasts: [queueCounts(cluster, target, 'netem', 'Sent')],
        heal: queue.remove,
      });
  },
});
