/**
 * `today`: the service as it is used now. Fifty people write a hundred
 * messages a second together, two a second each. Few users, so nothing is
 * hidden by averages: each has one message under way at a time, and a slow
 * answer makes the next one late.
 *
 * The threshold that matters: nothing that works today may get worse, so all
 * 100 messages/s are acknowledged within the as-sent bound (claim C04).
 */
import { defineShape, STEADY_LOAD } from './shape.ts';

export const today = defineShape({
  kind: 'today',
  options: {},
  plan: { users: 50, intervalSec: 0.5, steadySec: 60, faults: [] },
  lastsSec: () => 0,
  load: () => STEADY_LOAD,
});
