/**
 * PostgreSQL on the primary dies at once (kill -9 of its first process): the
 * out-of-memory killer, a crash bug. Threatens commits that were under way:
 * they may be on disk, on replicas, or nowhere.
 *
 * Patroni lives on, sees the death and gives the lease up
 * (`primary_start_timeout: 0`), so another member takes over; the old primary
 * comes back as a replica by itself. Healing therefore has nothing to undo
 * but waits for no one.
 */
import { HoldfastError } from '../../cluster/errors.ts';
import { observe, promotedElsewhere, timelineOf } from './evidence.ts';
import type { Fault } from './fault.ts';
import { strikeWith } from './strike.ts';
import { findPrimary } from './target.ts';

/** The oldest process named `postgres` is the postmaster; all others are its children. */
const FIND_POSTMASTER = ['pgrep', '-o', '-x', 'postgres'];

export const killPostgres = {
  kind: 'kill-postgres',
  imitates: 'PostgreSQL crashes or is killed for memory; its server lives on',
  aim: 'primary',
  failover: true,
  target: findPrimary,
  async prepare({ cluster, signal }, target) {
    const process = `${target}/patroni`;
    const timeline = await timelineOf(cluster, target);
    const found = await cluster.execInProcess(process, FIND_POSTMASTER);
    const pid = found.stdout.trim();
    if (!/^\d+$/.test(pid)) {
      throw new HoldfastError({
        code: 'no-target',
        message: `found no running PostgreSQL on ${target} (pgrep exited ${found.exitCode}: ${found.stderr.trim()})`,
        remedy: 'see holdfast cluster status',
      });
    }
    return async () => {
      const { struck, result } = await strikeWith(
        (command) => cluster.execInProcess(process, command),
        ['kill', '-9', pid],
      );
      if (result.exitCode !== 0) {
        throw new HoldfastError({
          code: 'fault-not-injected',
          message: `kill -9 ${pid} on ${target} exited ${result.exitCode}: ${result.stderr.trim()}`,
          remedy: 'PostgreSQL died by itself just before; see holdfast cluster status',
        });
      }
      return {
        struck,
        prove: (timeoutMs) =>
          observe(
            [
              {
                what: `the postmaster (process ${pid}) of ${target} is gone`,
                async look() {
                  const alive = await cluster.execInProcess(process, ['kill', '-0', pid]);
                  return {
                    ok: alive.exitCode !== 0,
                    seen: alive.exitCode === 0 ? 'alive' : 'gone',
                  };
                },
              },
              promotedElsewhere(cluster, target, timeline),
            ],
            timeoutMs,
            signal,
          ),
        heal: () => Promise.resolve(),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    };
  },
} as const satisfies Fault;
