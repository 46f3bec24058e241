/**
 * The primary's whole server dies at once: power, kernel, host. PostgreSQL,
 * Patroni and the guard on it are gone, its address answers nothing, and no
 * one is left on it to give the lease up. Threatens commits under way, and
 * the time until a member that knows nothing of its leader's death takes over.
 *
 * Every process of the server is killed together with its network namespace;
 * the disk stays. Healing switches the server on again at the same address;
 * its database rejoins as a replica.
 */
import { activeFault } from './active-fault.ts';
import { notRunning, outOfReach } from './evidence.ts';
import { defineFault } from './fault.ts';
import { findPrimary, processesOf } from './target.ts';

export const killServer = defineFault({
  kind: 'kill-server',
  imitates: 'the primary’s server loses power and comes back later',
  aim: 'the primary',
  failover: true,
  expects: { kind: 'recovers', withinMs: 8_000 },
  leansOn: ['database'],
  options: {},
  target: findPrimary,
  async prepare(context, target) {
    const { cluster } = context;
    const unreachable = await outOfReach(context, target);
    return async () =>
      activeFault(context, {
        struck: await cluster.killServer(target),
        looks: [notRunning(cluster, processesOf(cluster, target)), ...unreachable],
        lasts: [notRunning(cluster, processesOf(cluster, target))],
        heal: () => cluster.startServer(target),
      });
  },
});
