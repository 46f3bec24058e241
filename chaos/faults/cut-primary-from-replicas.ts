/**
 * The primary's server reaches everything but the other database servers:
 * users and etcd see a healthy primary, and not one commit can be replicated.
 * Writes stop without anybody having died. Threatens availability for as long
 * as the lease is renewed by a primary that cannot do its work; and
 * durability, had it gone on alone.
 *
 * nftables drops what goes between this server and the other members. Healing
 * deletes the rules.
 */
import { activeFault } from './active-fault.ts';
import { postgresAnswers, promotedElsewhere, timelineOf } from './evidence.ts';
import { defineFault } from './fault.ts';
import { closeOff, packetsDropped } from './firewall.ts';
import { rulesOnLink } from './link.ts';
import { packetFilter } from './mechanisms.ts';
import { findPrimary } from './target.ts';

export const cutPrimaryFromReplicas = defineFault({
  kind: 'cut-primary-from-replicas',
  imitates: 'the primary loses its replicas, while users and etcd still reach it',
  aim: 'the primary',
  failover: true,
  // The guards of the others cannot reach it either, and a majority of them says so.
  expects: { kind: 'recovers', withinMs: 10_000 },
  needs: [packetFilter],
  leansOn: ['database'],
  holdSec: 25,
  options: {},
  target: findPrimary,
  async prepare(context, target) {
    const { cluster } = context;
    const timeline = await timelineOf(cluster, target);
    const others = cluster.servers.filter(({ id, role }) => role === 'db' && id !== target);
    const cut = closeOff(cluster, target, rulesOnLink(others, 'both', 'counter drop'));
    return async () =>
      activeFault(context, {
        struck: await cut.close(),
        looks: [
          packetsDropped(cluster, target),
          postgresAnswers(cluster, target),
          promotedElsewhere(cluster, target, timeline),
        ],
        lasts: [packetsDropped(cluster, target)],
        heal: cut.open,
      });
  },
});
