/**
 * Patroni on the primary stands still, PostgreSQL lives: a Python process
 * that waits for a log on a dead disk, a host that swaps. The lease is not
 * renewed, and the frozen Patroni, when it wakes up, still believes that it
 * holds it. Threatens split brain for the length of that belief.
 *
 * SIGSTOP; SIGCONT heals.
 */
import { activeFault } from './active-fault.ts';
import { postgresAnswers, promotedElsewhere, stopped, timelineOf } from './evidence.ts';
import { defineFault } from './fault.ts';
import { findPatroni, undoInside } from './processes.ts';
import { strikeOrFail } from './strike.ts';
import { findPrimary } from './target.ts';

export const freezePatroni = defineFault({
  kind: 'freeze-patroni',
  imitates: 'the high-availability daemon hangs, the database beside it lives on',
  aim: 'the primary',
  failover: true,
  // The guard sees a PostgreSQL that answers and holds still: the lease runs out in 20 s.
  expects: { kind: 'recovers', withinMs: 30_000 },
  leansOn: ['database'],
  holdSec: 35,
  options: {},
  target: findPrimary,
  async prepare(context, target) {
    const { cluster } = context;
    const process = `${target}/patroni`;
    const timeline = await timelineOf(cluster, target);
    const patroni = await findPatroni(cluster, target);
    const inside = (command: readonly string[]) => cluster.execInProcess(process, command);
    return async () => {
      const struck = await strikeOrFail(inside, ['kill', '-STOP', patroni], process);
      return activeFault(context, {
        struck,
        looks: [
          stopped(cluster, process, 'patroni'),
          postgresAnswers(cluster, target),
          promotedElsewhere(cluster, target, timeline),
        ],
        heal: () => undoInside(cluster, process, ['kill', '-CONT', patroni]),
      });
    };
  },
});
