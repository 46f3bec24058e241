/**
 * The primary's server reaches everything but etcd: a firewall rule too many.
 * Its PostgreSQL is healthy and its users reach it, but its lease cannot be
 * renewed. It has to step down by itself, before anybody else may be promoted,
 * and it cannot even tell etcd that it did.
 *
 * nftables drops what goes between this server and etcd's ports. Healing
 * deletes the rules.
 */
import { ports } from '../../cluster/ports.ts';
import { activeFault } from './active-fault.ts';
import { postgresAnswers, promotedElsewhere, timelineOf } from './evidence.ts';
import { defineFault } from './fault.ts';
import { closeOff, packetsDropped } from './firewall.ts';
import { packetFilter } from './mechanisms.ts';
import { findPrimary } from './target.ts';

export const cutPrimaryFromEtcd = defineFault({
  kind: 'cut-primary-from-etcd',
  imitates: 'the primary loses the coordination service, and only that',
  aim: 'the primary',
  failover: true,
  // Patroni tries each word to etcd for 3 s (retry_timeout), and only the lease's failure makes it
  // step down: before it comes the one about itself, and before that whatever the cut fell into. So
  // it writes on for 7 s, and for 10 in the worst case. Then the guards see a replica, and end the
  // lease, which would stand for 20 s: silent for 2 to 3 s.
  expects: { kind: 'recovers', withinMs: 15_000 },
  needs: [packetFilter],
  leansOn: ['database', 'coordination'],
  holdSec: 25,
  options: {},
  target: findPrimary,
  async prepare(context, target) {
    const { cluster } = context;
    const timeline = await timelineOf(cluster, target);
    const cut = closeOff(cluster, target, {
      incoming: [`tcp sport ${ports.etcdClients} counter drop`],
      outgoing: [`tcp dport ${ports.etcdClients} counter drop`],
    });
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
