/**
 * `spike`: something happened, and everybody writes about it: five times the
 * rate for a minute, without a warning, then as before. Arrivals are open:
 * what the service cannot answer at once waits, and its users go on.
 *
 * The threshold that matters: nothing is lost, and the backlog is gone soon
 * enough that the objective's deadline holds over the whole window.
 */
import { defineShape, STEADY_LOAD } from './shape.ts';

export const spike = defineShape({
  kind: 'spike',
  options: {
    times: { standard: 5, from: 0.01, to: 1_000 },
    atSec: { standard: 60, from: 0.1, to: 86_400 },
    lastsSec: { standard: 60, from: 0.1, to: 86_400 },
  },
  plan: { steadySec: 180, faults: [] },
  lastsSec: ({ atSec, lastsSec }) => atSec + lastsSec,
  load({ times, atSec, lastsSec }) {
    const spans = [
      { fromMs: 0, times: 1 },
      { fromMs: atSec * 1_000, times },
      { fromMs: (atSec + lastsSec) * 1_000, times: 1 },
    ];
    return { ...STEADY_LOAD, rates: [{ every: 1, first: 0, spans }] };
  },
});
