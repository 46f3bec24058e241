/**
 * The primary's server is off the network, in both directions, while every
 * process on it lives: a dead switch port, a pulled cable. The dangerous
 * one: the old primary still believes in itself, with commits under way.
 * Threatens split brain; quorum commit is what makes it unable to
 * acknowledge anything.
 *
 * nftables rules in the server's own namespace drop all but loopback and
 * count what they drop. Healing deletes the table.
 */
import { activeFault } from './active-fault.ts';
import { outOfReach, postgresAnswers } from './evidence.ts';
import { defineFault } from './fault.ts';
import { closeOff, CUT_BOTH, packetsDropped } from './firewall.ts';
import { packetFilter } from './mechanisms.ts';
import { findPrimary } from './target.ts';

export const cutLink = defineFault({
  kind: 'cut-link',
  imitates: 'the primary’s server drops off the network, all its processes alive',
  aim: 'the primary',
  failover: true,
  expects: { kind: 'recovers', withinMs: 8_000 },
  needs: [packetFilter],
  leansOn: ['database'],
  options: {},
  target: findPrimary,
  async prepare(context, target) {
    const { cluster } = context;
    const unreachable = await outOfReach(context, target);
    const cut = closeOff(cluster, target, CUT_BOTH);
    return async () =>
      activeFault(context, {
        struck: await cut.close(),
        looks: [packetsDropped(cluster, target), postgresAnswers(cluster, target), ...unreachable],
        lasts: [packetsDropped(cluster, target)],
        heal: cut.open,
      });
  },
});
