/**
 * Patroni on the primary dies (kill -9) and does not come back, while its
 * PostgreSQL lives on and takes writes: a broken package, a full disk under
 * its logs, a Python error. Nobody is left to tell that PostgreSQL to step
 * down. Threatens split brain once the lease has run out and another member is
 * promoted; quorum commit is what keeps the old primary from acknowledging.
 *
 * The shell that would start it again is stopped first. Healing wakes it.
 */
import { activeFault } from './active-fault.ts';
import { postgresAnswers, promotedElsewhere, saysInside, timelineOf } from './evidence.ts';
import { defineFault } from './fault.ts';
import { findPatroni, findSupervisor, undoInside } from './processes.ts';
import { strikeOrFail } from './strike.ts';
import { findPrimary } from './target.ts';

export const killPatroni = defineFault({
  kind: 'kill-patroni',
  imitates: 'the high-availability daemon dies, the database beside it lives on unsupervised',
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
    const [patroni, supervisor] = await Promise.all([
      findPatroni(cluster, target),
      findSupervisor(cluster, target),
    ]);
    const inside = (command: readonly string[]) => cluster.execInProcess(process, command);
    const script = `kill -STOP ${supervisor} && kill -9 ${patroni}`;
    return async () => {
      const struck = await strikeOrFail(inside, ['sh', '-c', script], process);
      const dead = saysInside(cluster, process, ['pgrep', '-r', 'R,S,D', '-x', 'patroni'], {
        what: `no Patroni runs on ${target}`,
        isOk: ({ exitCode }) => exitCode === 1,
      });
      return activeFault(context, {
        struck,
        looks: [
          dead,
          postgresAnswers(cluster, target),
          promotedElsewhere(cluster, target, timeline),
        ],
        lasts: [dead],
        heal: () => undoInside(cluster, process, ['kill', '-CONT', supervisor]),
      });
    };
  },
});
