/**
 * The primary's server still speaks and hears nothing, or hears and is not
 * heard: half a broken fibre, a firewall rule in one direction, a route that
 * is missing on the way back. Threatens whoever concludes from its own view
 * that all is well: what goes one way looks alive for a while.
 *
 * nftables drops what comes in, or what goes out. Healing deletes the rule.
 */
import { z } from 'zod';
import { activeFault } from './active-fault.ts';
import { outOfReach, postgresAnswers } from './evidence.ts';
import { defineFault } from './fault.ts';
import { closeOff, CUT_BOTH, packetsDropped } from './firewall.ts';
import { packetFilter } from './mechanisms.ts';
import { findPrimary } from './target.ts';

export const cutOneWay = defineFault({
  kind: 'cut-one-way',
  imitates: 'the primary’s server is cut off in one direction only',
  aim: 'the primary',
  failover: true,
  expects: { kind: 'recovers', withinMs: 8_000 },
  needs: [packetFilter],
  leansOn: ['database'],
  holdSec: 25,
  options: {
    /** `in`: it hears nothing. `out`: it is not heard. */
    direction: z.enum(['in', 'out']).default('in'),
  },
  target: findPrimary,
  async prepare(context, target, { direction }) {
    const { cluster } = context;
    const unreachable = await outOfReach(context, target);
    const cut = closeOff(
      cluster,
      target,
      direction === 'in' ? { ...CUT_BOTH, outgoing: [] } : { ...CUT_BOTH, incoming: [] },
    );
    return async () =>
      activeFault(context, {
        struck: await cut.close(),
        looks: [packetsDropped(cluster, target), postgresAnswers(cluster, target), ...unreachable],
        lasts: [packetsDropped(cluster, target)],
        heal: cut.open,
      });
  },
});
