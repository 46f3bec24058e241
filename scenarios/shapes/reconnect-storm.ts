/**
 * `reconnect-storm`: a mobile network blinks, or an edge is swapped: within a
 * few seconds every user loses its socket, and all come back as they always
 * do, each after a short random wait that doubles with every failure. They go
 * on writing at their times meanwhile (open arrivals), and resume where they
 * stopped. Limit: the service hears at once that a connection ended, as from an edge
 * that is swapped; a network that goes dark would leave it the dead sockets until
 * they are idle for too long.
 *
 * The threshold that matters: all back and resumed, none with a gap, within
 * 30 s of the first who left.
 */
import { defineShape, STEADY_LOAD } from './shape.ts';

export const reconnectStorm = defineShape({
  kind: 'reconnect-storm',
  options: {
    atSec: { standard: 30, from: 0.1, to: 86_400 },
    goneWithinSec: { standard: 5, from: 0.1, to: 600 },
    backWithinSec: { standard: 30, from: 1, to: 3_600 },
  },
  plan: { steadySec: 90, faults: [] },
  lastsSec: ({ atSec, backWithinSec }) => atSec + backWithinSec,
  load({ atSec, goneWithinSec, backWithinSec }) {
    const fromMs = atSec * 1_000;
    const storm = {
      fromMs,
      toMs: fromMs + goneWithinSec * 1_000,
      backByMs: fromMs + backWithinSec * 1_000,
    };
    return { ...STEADY_LOAD, storm };
  },
});
