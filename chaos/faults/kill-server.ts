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
import { observe, portSilent, promotedElsewhere, timelineOf } from './evidence.ts';
import type { Fault } from './fault.ts';
import { findPrimary } from './target.ts';

export const killServer = {
  kind: 'kill-server',
  imitates: 'the primary’s server loses power and comes back later',
  aim: 'primary',
  failover: true,
  target: findPrimary,
  async inject({ cluster, signal }, target) {
    const timeline = await timelineOf(cluster, target);
    const heal = () => cluster.startServer(target);
    await cluster.killServer(target);
    return {
      target,
      prove: (timeoutMs) =>
        observe(
          [
            {
              what: `no process of ${target} runs`,
              async look() {
                const mine = cluster.processes.filter(({ server }) => server === target);
                const running = await Promise.all(mine.map(({ id }) => cluster.isRunning(id)));
                const alive = mine
                  .filter((_, index) => running[index] === true)
                  .map(({ id }) => id);
                return {
                  ok: alive.length === 0,
                  seen: alive.length === 0 ? 'none' : alive.join(', '),
                };
              },
            },
            portSilent(cluster, target, cluster.secrets.database.port),
            promotedElsewhere(cluster, target, timeline),
          ],
          timeoutMs,
          signal,
        ),
      heal,
      [Symbol.asyncDispose]: heal,
    };
  },
} as const satisfies Fault;
