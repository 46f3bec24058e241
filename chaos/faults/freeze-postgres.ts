/**
 * Every process of PostgreSQL on the primary stands still: a disk or a file
 * system that answers nothing any more, a debugger, a kernel bug. Patroni
 * lives on beside it and the kernel still accepts connections, so nothing is
 * refused and nothing breaks: whoever asks, waits. Threatens whoever trusts a
 * connection that is open; and an old primary that wakes up in the middle of
 * its commits when another has long been promoted.
 *
 * SIGSTOP to all of them; SIGCONT heals those that the liveness check beside
 * them has not long killed.
 */
import { activeFault, NOTHING_LASTS } from './active-fault.ts';
import { promotedElsewhere, stopped, timelineOf } from './evidence.ts';
import { defineFault } from './fault.ts';
import { findPostmaster, undoInside } from './processes.ts';
import { strikeOrFail } from './strike.ts';
import { findPrimary } from './target.ts';

export const freezePostgres = defineFault({
  kind: 'freeze-postgres',
  imitates: 'PostgreSQL hangs without dying: its disk answers nothing, its sockets stay open',
  aim: 'the primary',
  failover: true,
  // The liveness check needs three silent questions, 6 s at most; the rest is that of a crash.
  expects: { kind: 'recovers', withinMs: 10_000 },
  leansOn: ['database'],
  holdSec: 15,
  options: {},
  target: findPrimary,
  async prepare(context, target) {
    const { cluster } = context;
    const process = `${target}/patroni`;
    const timeline = await timelineOf(cluster, target);
    await findPostmaster(cluster, target);
    const inside = (command: readonly string[]) => cluster.execInProcess(process, command);
    return async () => {
      const struck = await strikeOrFail(inside, ['pkill', '-STOP', '-x', 'postgres'], process);
      return activeFault(context, {
        struck,
        looks: [
          stopped(cluster, process, 'postgres'),
          promotedElsewhere(cluster, target, timeline),
        ],
        // Whatever hangs is killed by the liveness check within seconds, and started again.
        lasts: NOTHING_LASTS,
        heal: () => undoInside(cluster, process, ['pkill', '-CONT', '-x', 'postgres']),
      });
    };
  },
});
