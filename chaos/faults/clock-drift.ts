/**
 * The wall clock of a database server runs fast or slow: a broken crystal, a
 * busy host that steals its guest's ticks, no time service. Threatens whoever
 * compares the time of two servers; slower than a jump, and so seen by nobody.
 *
 * Every program of the server sees the clock gain by steps of half a second's
 * worth (`server-clock.ts`). Healing sets it right, which is a jump back.
 */
import { z } from 'zod';
import { activeFault } from './active-fault.ts';
import type { Look } from './evidence.ts';
import { defineFault } from './fault.ts';
import { movableClocks } from './mechanisms.ts';
import { type ServerClock, serverClock } from './server-clock.ts';
import { findPrimary, findReplica } from './target.ts';

/** What a clock gained in less time than this is lost in the steps and in the asking. */
const WATCHED_SEC_MIN = 4;
const RATE_TOLERANCE = 0.5;

export const clockDrift = defineFault({
  kind: 'clock-drift',
  imitates: 'the clock of a database server runs fast or slow',
  aim: 'the primary',
  expects: { kind: 'keeps-going', gapMsMax: 3_000 },
  needs: [movableClocks],
  leansOn: ['database'],
  options: {
    of: z.enum(['primary', 'replica']).default('primary'),
    /** Of the time that passes; negative: it runs slow. */
    percent: z.number().min(-90).max(1_000).default(10),
  },
  target: (context, { of }) => (of === 'primary' ? findPrimary : findReplica)(context),
  async prepare(context, target, { percent }) {
    const clock = serverClock(context.cluster, target);
    // One look for both: it measures from its first time on.
    const drifts = gains(clock, percent, target);
    return async () =>
      activeFault(context, {
        struck: await clock.drift(percent),
        looks: [drifts],
        lasts: [drifts],
        heal: clock.setRight,
      });
  },
});

function gains(clock: ServerClock, percent: number, target: string): Look {
  let first: { readonly sec: number; readonly atMs: number } | undefined;
  return {
    what: `the clock of ${target}, asked through SQL, gains about ${percent} %`,
    async look() {
      const { sec } = await clock.read();
      const atMs = Date.now();
      first ??= { sec, atMs };
      const watchedSec = (atMs - first.atMs) / 1_000;
      const gained = watchedSec > 0 ? (100 * (sec - first.sec)) / watchedSec : 0;
      const isNear = Math.abs(gained - percent) <= RATE_TOLERANCE * Math.abs(percent);
      return {
        ok: watchedSec >= WATCHED_SEC_MIN && isNear,
        seen: `${gained.toFixed(1)} % in ${watchedSec.toFixed(1)} s`,
      };
    },
  };
}
