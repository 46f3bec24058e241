/**
 * The primary's server dies and is back a few seconds later: a kernel panic
 * with automatic reboot, a power blip. Sooner than its lease runs out, so that
 * it finds itself still written down as the leader, with a crashed database.
 * Threatens whoever trusts that entry: it must not take writes that its
 * promoted successor does not have.
 *
 * As `kill-server`, and power on after `downSec`, whether or not the fault is
 * still held. Healing switches it on if it is not yet.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { activeFault, NOTHING_LASTS } from './active-fault.ts';
import { type Look, notRunning } from './evidence.ts';
import { defineFault } from './fault.ts';
import { findPrimary, processesOf } from './target.ts';

export const rebootServer = defineFault({
  kind: 'reboot-server',
  imitates: 'the primary’s server crashes and boots again within seconds',
  aim: 'the primary',
  failover: true,
  expects: { kind: 'recovers', withinMs: 12_000 },
  leansOn: ['database'],
  options: {
    /** How long it is off. */
    downSec: z.number().min(0).max(600).default(3),
  },
  target: findPrimary,
  async prepare(context, target, { downSec }) {
    const { cluster, signal } = context;
    const mine = processesOf(cluster, target);
    return async () => {
      const struck = await cluster.killServer(target);
      const isDead = await notRunning(cluster, mine).look();
      const healed = new AbortController();
      const booted = pause(downSec * 1_000, undefined, {
        signal: AbortSignal.any([healed.signal, signal]),
      })
        .then(() => cluster.startServer(target))
        // Healed or interrupted before: whoever did that starts it.
        .catch(() => undefined);
      const wasDead: Look = {
        what: `no process of ${target} ran right after`,
        look: () => Promise.resolve(isDead),
      };
      const runsAgain: Look = {
        what: `every process of ${target} runs again`,
        async look() {
          const running = await Promise.all(mine.map((id) => cluster.isRunning(id)));
          const count = running.filter(Boolean).length;
          return { ok: count === mine.length, seen: `${count} of ${mine.length}` };
        },
      };
      return activeFault(context, {
        struck,
        looks: [wasDead, runsAgain],
        // It comes back by itself while the fault is held.
        lasts: NOTHING_LASTS,
        heal: async () => {
          healed.abort();
          await booted;
          await cluster.startServer(target);
        },
      });
    };
  },
});
