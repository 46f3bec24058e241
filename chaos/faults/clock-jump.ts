/**
 * The wall clock of a database server jumps, forth or back: a time service
 * that corrects at last, a virtual machine that was resumed, a leap second
 * gone wrong. Threatens whoever measures time by the time of day: timeouts
 * that are over at once or not for an hour, a lease that is not renewed.
 *
 * Every program of the server sees the clock moved (`server-clock.ts`), its
 * rows bear the wrong time. Healing lets it jump back.
 *
 * Limit: Patroni 4 plans its next round, and the renewal of its lease, by the
 * time of day. A clock that goes back by more than the 20 s of the lease, be it
 * by this fault or by its heal, has the primary's Patroni sleep past it, and a
 * leader is elected anew. After the heal of such a jump forth that is outside
 * of the fault, and the run is failed for it (`false-failovers`).
 */
import { z } from 'zod';
import { activeFault } from './active-fault.ts';
import type { Look } from './evidence.ts';
import { defineFault } from './fault.ts';
import { movableClocks } from './mechanisms.ts';
import { serverClock } from './server-clock.ts';
import { findPrimary, findReplica } from './target.ts';

/** A program looks at most once a second; beyond that only the asking is inexact. */
const TOLERANCE_SEC = 0.1;

export const clockJump = defineFault({
  kind: 'clock-jump',
  imitates: 'the clock of a database server jumps',
  aim: 'the primary',
  expects: { kind: 'keeps-going', gapMsMax: 5_000 },
  needs: [movableClocks],
  leansOn: ['database'],
  options: {
    of: z.enum(['primary', 'replica']).default('primary'),
    /** Negative: back. */
    bySec: z.number().min(-86_400).max(86_400).default(10),
  },
  target: (context, { of }) => (of === 'primary' ? findPrimary : findReplica)(context),
  async prepare(context, target, { bySec }) {
    const { cluster } = context;
    const clock = serverClock(cluster, target);
    const moved: Look = {
      what: `the clock of ${target}, asked through SQL, is off by ${bySec} s`,
      async look() {
        const { sec, uncertaintySec } = await clock.read();
        return {
          ok: Math.abs(sec - bySec) <= uncertaintySec + TOLERANCE_SEC,
          seen: `${sec.toFixed(2)} ± ${uncertaintySec.toFixed(2)} s`,
        };
      },
    };
    return async () =>
      activeFault(context, {
        struck: await clock.jump(bySec),
        looks: [moved],
        lasts: [moved],
        heal: clock.setRight,
      });
  },
});
