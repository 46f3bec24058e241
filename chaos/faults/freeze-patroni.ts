/**
 * Patroni on the primary stands still, PostgreSQL lives: a Python process
 * that waits for a log on a dead disk, a host that swaps. The lease is not
 * renewed, no router trusts the primary any more, and the frozen Patroni, when
 * it wakes up, still believes that it holds the lease. Threatens writes until
 * somebody acts, and split brain for the length of that belief.
 *
 * SIGSTOP; SIGCONT heals, if the liveness check beside it has not long killed
 * it and started another: PostgreSQL lives on through that and stays primary.
 */
import { activeFault, NOTHING_LASTS } from './active-fault.ts';
import { postgresAnswers, primaryVouchedFor, stopped } from './evidence.ts';
import { defineFault } from './fault.ts';
import { findPatroni, undoInside } from './processes.ts';
import { strikeOrFail } from './strike.ts';
import { findPrimary } from './target.ts';

export const freezePatroni = defineFault({
  kind: 'freeze-patroni',
  imitates: 'the high-availability daemon hangs, the database beside it lives on',
  aim: 'the primary',
  failover: false,
  // The liveness check needs three silent questions, 6 s at most, and Patroni some 2 s to start.
  expects: { kind: 'recovers', withinMs: 10_000 },
  leansOn: ['database'],
  holdSec: 15,
  options: {},
  target: findPrimary,
  async prepare(context, target) {
    const { cluster } = context;
    const process = `${target}/patroni`;
    const patroni = await findPatroni(cluster, target);
    const inside = (command: readonly string[]) => cluster.execInProcess(process, command);
    return async () => {
      const struck = await strikeOrFail(inside, ['kill', '-STOP', patroni], process);
      return activeFault(context, {
        struck,
        looks: [
          stopped(cluster, process, 'patroni'),
          postgresAnswers(cluster, target),
          primaryVouchedFor(cluster),
        ],
        // Whatever hangs is killed by the liveness check within seconds, and started again.
        lasts: NOTHING_LASTS,
        heal: () => undoInside(cluster, process, ['kill', '-CONT', patroni]),
      });
    };
  },
});
