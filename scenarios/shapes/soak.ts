/**
 * `soak`: the steady load for hours: what leaks slowly shows in no short run.
 * The same users, the same open arrivals, only longer.
 *
 * The threshold that matters: the peak of the chat servers' memory in the last
 * quarter against that of the quarter before. (Earlier, caches still fill.)
 */
import { defineShape, MEBIBYTE, STEADY_LOAD } from './shape.ts';

export const soak = defineShape({
  kind: 'soak',
  options: { memoryGrowthMiBMax: { standard: 32, from: 1, to: 65_536 } },
  plan: { steadySec: 3_600, faults: [] },
  lastsSec: () => 0,
  load: ({ memoryGrowthMiBMax }, { steadySec }) => ({
    ...STEADY_LOAD,
    memory: {
      fromMs: steadySec * 750,
      toMs: steadySec * 1_000,
      growthBytesMax: memoryGrowthMiBMax * MEBIBYTE,
    },
  }),
});
