/**
 * A share of the packets of the primary's server is lost, in both directions
 * (or on one link, `from` one server `to` a role, or one way): a bad cable, a
 * congested link. TCP sends them again, each time later.
 * Threatens latency; and it must not be taken for a death: a failover because
 * of a few lost packets would be an outage of our own making.
 *
 * nftables drops packets at random. Healing deletes the rules.
 */
import { z } from 'zod';
import { activeFault } from './active-fault.ts';
import { defineFault } from './fault.ts';
import { closeOff, packetsDropped } from './firewall.ts';
import { findFarEnd, findNearEnd, linkEnd, linkFarEnd, linkWays, rulesOnLink } from './link.ts';
import { randomDrop } from './mechanisms.ts';

export const packetLoss = defineFault({
  kind: 'packet-loss',
  imitates: 'the primary’s link loses a share of its packets',
  aim: 'the primary',
  // At 10 % a packet in a hundred is lost twice, one in a thousand three times: 200, 400, 800 ms.
  expects: { kind: 'keeps-going', gapMsMax: 3_000 },
  needs: [randomDrop],
  leansOn: ['database'],
  options: {
    from: linkEnd.default('primary'),
    to: linkFarEnd,
    ways: linkWays,
    /** In each direction. */
    lossPercent: z.number().gt(0).max(100).default(10),
  },
  target: (context, { from }) => findNearEnd(context, from),
  async prepare(context, target, { to, ways, lossPercent }) {
    const { cluster } = context;
    const lose = `numgen random mod 10000 < ${Math.round(lossPercent * 100)} counter drop`;
    const far = await findFarEnd(context, to, target);
    const cut = closeOff(cluster, target, rulesOnLink(far, ways, lose));
    return async () =>
      activeFault(context, {
        struck: await cut.close(),
        looks: [packetsDropped(cluster, target)],
        lasts: [packetsDropped(cluster, target)],
        heal: cut.open,
      });
  },
});
