/**
 * `steady`: an ordinary hour. N users are connected all the time, each means
 * to send one message in each interval (a minute in the mission) at seeded
 * times that do not drift (open arrivals), and receives what its channels
 * get. One in a hundred looks at a channel's history as often.
 *
 * The threshold that matters: acknowledged within the objective's deadline,
 * counted from the intended time.
 */
import { defineShape, STEADY_LOAD } from './shape.ts';

export const steady = defineShape({
  kind: 'steady',
  options: {},
  plan: {},
  lastsSec: () => 0,
  load: () => STEADY_LOAD,
});
