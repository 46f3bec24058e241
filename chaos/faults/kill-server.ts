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
import type { Cluster, ServerId } from '../../cluster/cluster.ts';
import { type Look, observe, outOfReach } from './evidence.ts';
import type { Fault } from './fault.ts';
import { findPrimary } from './target.ts';

export const killServer = {
  kind: 'kill-server',
  imitates: 'the primary’s server loses power and comes back later',
  aim: 'primary',
  failover: true,
  target: findPrimary,
  async prepare(context, target) {
    const { cluster } = context;
    const unreachable = await outOfReach(context, target);
    const heal = () => cluster.startServer(target);
    return async () => ({
      struck: await cluster.killServer(target),
      prove: (timeoutMs) =>
        observe([dead(cluster, target), ...unreachable], timeoutMs, context.signal),
      heal,
      [Symbol.asyncDispose]: heal,
    });
  },
} as const satisfies Fault;

const dead = (cluster: Cluster, server: ServerId): Look => ({
  what: `no process of ${server} runs`,
  async look() {
    const mine = cluster.processes.filter((process) => process.server === server);
    const running = await Promise.all(mine.map(({ id }) => cluster.isRunning(id)));
    const alive = mine.filter((_, index) => running[index] === true).map(({ id }) => id);
    return { ok: alive.length === 0, seen: alive.length === 0 ? 'none' : alive.join(', ') };
  },
});
