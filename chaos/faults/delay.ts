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
import { delayQueue } from './mechanisms.ts';
import { findPrimary } from './target.ts';
import { queueCounts, trafficQueue } from './traffic-queue.ts';

export const delay = defineFault({
  kind: 'delay',
  imitates: 'the way from the primary takes longer, by a time that varies',
  aim: 'the primary',
  expects: { kind: 'keeps-going', gapMsMax: 3_000 },
  needs: [delayQueue],
  leansOn: ['database'],
  options: {
    delayMs: z.number().min(1).max(10_000).default(100),
    /** The delay varies by up to so much, up and down. */
    jitterMs: z.number().min(0).max(5_000).default(20),
  },
  target: findPrimary,
  async prepare(context, target, { delayMs, jitterMs }) {
    const { cluster } = context;
    const queue = trafficQueue(cluster, target, [
      'netem',
      'delay',
      `${delayMs}ms`,
      `${jitterMs}ms`,
    ]);
    return async () =>
      activeFault(context, {
        struck: await queue.put(),
        looks: [queueCounts(cluster, target, 'netem', 'Sent')],
        lasts: [queueCounts(cluster, target, 'netem', 'Sent')],
        heal: queue.remove,
      });
  },
});
