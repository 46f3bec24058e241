/**
 * `ramp`: a morning. All users are there and write more and more, from a
 * fraction of the steady rate to a multiple of it, in equal steps; arrivals
 * are open, so a service that falls behind is not spared.
 *
 * The threshold that matters: the rate at which latency leaves the objective,
 * to be read off the curve. The last step goes on until the load ends.
 */
import { defineShape, STEADY_LOAD } from './shape.ts';

export const ramp = defineShape({
  kind: 'ramp',
  options: {
    fromTimes: { standard: 0.2, from: 0.01, to: 100 },
    toTimes: { standard: 3, from: 0.01, to: 100 },
    steps: { standard: 15, from: 2, to: 100 },
    lastsSec: { standard: 150, from: 1, to: 86_400 },
  },
  plan: { steadySec: 160, faults: [] },
  lastsSec: ({ lastsSec }) => lastsSec,
  load({ fromTimes, toTimes, steps, lastsSec }) {
    const count = Math.round(steps);
    const spans = Array.from({ length: count }, (_, step) => ({
      fromMs: Math.floor((step * lastsSec * 1_000) / count),
      times: fromTimes + ((toTimes - fromTimes) * step) / (count - 1),
    }));
    return { ...STEADY_LOAD, rates: [{ every: 1, first: 0, spans }] };
  },
});
