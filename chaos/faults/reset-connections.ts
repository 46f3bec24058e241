/**
 * Every connection to the primary's PostgreSQL is reset, and new ones are
 * refused for a moment: a firewall that lost its state, a proxy that was
 * restarted. Threatens what was under way: its sender cannot know whether it
 * was committed.
 *
 * nftables answers with TCP resets for `resetMs`, then the rules go by
 * themselves. Healing deletes them if they are still there.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { ports } from '../../cluster/ports.ts';
import { activeFault, NOTHING_LASTS } from './active-fault.ts';
import type { Look } from './evidence.ts';
import { defineFault } from './fault.ts';
import { closeOff, packetsDropped } from './firewall.ts';
import { resetPackets } from './mechanisms.ts';
import { findPrimary } from './target.ts';

export const resetConnections = defineFault({
  kind: 'reset-connections',
  imitates: 'a firewall forgets its connections and resets them all',
  aim: 'the primary',
  expects: { kind: 'recovers', withinMs: 5_000 },
  needs: [resetPackets],
  leansOn: ['database'],
  options: {
    /** How long packets are answered with a reset. */
    resetMs: z.number().int().min(100).max(60_000).default(1_000),
  },
  target: findPrimary,
  async prepare(context, target, { resetMs }) {
    const { cluster, signal } = context;
    const cut = closeOff(cluster, target, {
      incoming: [`iifname != "lo" tcp dport ${ports.postgres} counter reject with tcp reset`],
      outgoing: [],
    });
    const counted = packetsDropped(cluster, target);
    return async () => {
      const struck = await cut.close();
      const healed = new AbortController();
      const over = pause(resetMs, undefined, { signal: AbortSignal.any([healed.signal, signal]) })
        .catch(() => undefined)
        // What was reset is counted by the rules, which go now.
        .then(() => counted.look())
        .finally(() => cut.open());
      // Whoever waits for it handles that it failed.
      over.catch(() => undefined);
      const reset: Look = { what: `packets to ${target} were reset`, look: () => over };
      return activeFault(context, {
        struck,
        looks: [reset],
        lasts: NOTHING_LASTS,
        heal: async () => {
          healed.abort();
          await over;
          await cut.open();
        },
      });
    };
  },
});
