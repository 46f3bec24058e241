/**
 * The primary's server stands still and later goes on as if nothing had been:
 * a virtual machine frozen by its host, or moved to another one. The classic
 * of split brain: the old primary wakes up with commits under way, sure of a
 * lease that another member has held for long.
 *
 * All its packets are dropped (a frozen kernel answers nothing), then every
 * process is frozen. Healing lets packets through first, then thaws, so that
 * the old primary speaks before it has noticed anything.
 */
import { activeFault } from './active-fault.ts';
import { type Look, outOfReach } from './evidence.ts';
import { defineFault } from './fault.ts';
import { closeOff, CUT_BOTH, packetsDropped } from './firewall.ts';
import { packetFilter } from './mechanisms.ts';
import { findPrimary, processesOf } from './target.ts';

export const pauseServer = defineFault({
  kind: 'pause-server',
  imitates: 'a virtual machine is frozen by its host and wakes up later, unaware',
  aim: 'the primary',
  failover: true,
  expects: { kind: 'recovers', withinMs: 8_000 },
  needs: [packetFilter],
  leansOn: ['database'],
  holdSec: 25,
  options: {},
  target: findPrimary,
  async prepare(context, target) {
    const { cluster } = context;
    const unreachable = await outOfReach(context, target);
    const mine = processesOf(cluster, target);
    const cut = closeOff(cluster, target, CUT_BOTH);
    const frozen: Look = {
      what: `every process of ${target} is frozen`,
      async look() {
        // The engine refuses to run anything in a frozen container, and says so.
        const tried = await Promise.allSettled(
          mine.map((id) => cluster.execInProcess(id, ['true'])),
        );
        const answering = mine.filter((_, index) => tried[index]?.status === 'fulfilled');
        return {
          ok: answering.length === 0,
          seen: answering.length === 0 ? 'none runs a command' : answering.join(', '),
        };
      },
    };
    const heal = async () => {
      await cut.open();
      await Promise.all(mine.map((id) => cluster.signalProcess(id, 'SIGCONT')));
    };
    return async () => {
      const struck = await cut.close();
      await using undo = new AsyncDisposableStack();
      undo.defer(heal);
      await Promise.all(mine.map((id) => cluster.signalProcess(id, 'SIGSTOP')));
      undo.move();
      return activeFault(context, {
        struck,
        looks: [frozen, packetsDropped(cluster, target), ...unreachable],
        lasts: [frozen],
        heal,
      });
    };
  },
});
