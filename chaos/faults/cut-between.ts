/**
 * One link is cut, between a server of one role and all servers of another,
 * both ways or one, while everything else is reached: a firewall rule too
 * many, a route that is missing, a switch that forgot a port. Threatens
 * whoever concludes from its own view that all is well.
 *
 * nftables on the server at the near end drops what goes over the link.
 * Healing deletes the rules. That something was dropped is all the proof there
 * can be: what follows depends on the link.
 */
import { activeFault } from './active-fault.ts';
import { defineFault } from './fault.ts';
import { closeOff, packetsDropped } from './firewall.ts';
import { findFarEnd, findNearEnd, linkEnd, linkWays, rulesOnLink } from './link.ts';
import { packetFilter } from './mechanisms.ts';

export const cutBetween = defineFault({
  kind: 'cut-between',
  imitates: 'a server of one role no longer reaches those of another, and only those',
  aim: 'a link',
  // The worst of them is a primary that loses etcd, which is on app servers: its lease runs out.
  expects: { kind: 'recovers', withinMs: 30_000 },
  needs: [packetFilter],
  leansOn: ['database', 'coordination', 'chat', 'fan-out', 'edges'],
  holdSec: 35,
  options: {
    /** One server of the role. */
    from: linkEnd.default('app'),
    /** All servers of the role. */
    to: linkEnd.default('primary'),
    ways: linkWays,
  },
  target: (context, { from }) => findNearEnd(context, from),
  async prepare(context, target, { to, ways }) {
    const { cluster } = context;
    const far = await findFarEnd(context, to, target);
    const cut = closeOff(cluster, target, rulesOnLink(far, ways, 'counter drop'));
    return async () =>
      activeFault(context, {
        struck: await cut.close(),
        looks: [packetsDropped(cluster, target)],
        lasts: [packetsDropped(cluster, target)],
        heal: cut.open,
      });
  },
});
