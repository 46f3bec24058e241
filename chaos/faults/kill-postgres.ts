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
import { activeFault, NOTHING_LASTS, nothingToHeal } from './active-fault.ts';
import { promotedElsewhere, saysInside, timelineOf } from './evidence.ts';
import { defineFault } from './fault.ts';
import { findPostmaster } from './processes.ts';
import { strikeOrFail } from './strike.ts';
import { findPrimary } from './target.ts';

export const killPostgres = defineFault({
  kind: 'kill-postgres',
  imitates: 'PostgreSQL crashes or is killed for memory; its server lives on',
  aim: 'the primary',
  failover: true,
  expects: { kind: 'recovers', withinMs: 5_000 },
  leansOn: ['database'],
  options: {},
  target: findPrimary,
  async prepare(context, target) {
    const { cluster } = context;
    const process = `${target}/patroni`;
    const timeline = await timelineOf(cluster, target);
    const pid = await findPostmaster(cluster, target);
    return async () => {
      const struck = await strikeOrFail(
        (command) => cluster.execInProcess(process, command),
        ['kill', '-9', pid],
        process,
      );
      const gone = saysInside(cluster, process, ['ps', '-p', pid, '-o', 'comm=,stat='], {
        what: `the postmaster (process ${pid}) of ${target} is gone`,
        isOk: ({ exitCode }) => exitCode !== 0,
      });
      const looks = [gone, promotedElsewhere(cluster, target, timeline)];
      return activeFault(context, { struck, looks, lasts: NOTHING_LASTS, heal: nothingToHeal });
    };
  },
});
