/**
 * `hot-channel`: the announcement channel of a large company: five thousand
 * members, and everything that is written in it goes to all of them. They send
 * a share of their messages there, at their usual times (open arrivals); the
 * other channels go on as always.
 *
 * The threshold that matters: fan-out is complete (every member receives every
 * message), and who writes elsewhere does not wait for it.
 */
import { defineShape, STEADY_LOAD } from './shape.ts';

export const hotChannel = defineShape({
  kind: 'hot-channel',
  options: {
    members: { standard: 5_000, from: 2, to: 100_000 },
    /** Of the members' messages: at 5,000 of them, one a minute each, some 4,000 deliveries/s more. */
    share: { standard: 0.01, from: 0, to: 1 },
  },
  plan: { steadySec: 120, faults: [] },
  lastsSec: () => 0,
  load: ({ members, share }, { users }) => ({
    ...STEADY_LOAD,
    hot: { members: Math.min(Math.round(members), users), share },
  }),
});
