/**
 * `european-day`: a day, compressed into minutes. Three regions, an hour apart
 * each: people write little at night, most before noon and again in the
 * afternoon, and the peaks of the regions follow one another. Over the day it
 * is as many messages as in the steady load. Arrivals are open.
 *
 * The threshold that matters: the objective holds at the peak, which is twice
 * the mean, not only on average.
 *
 * Limit: all regions come by the same link. Delays of their own would have to
 * be put on the links of some of a generator's users and not of others, which
 * share one address here; the run says so.
 */
import { defineShape, STEADY_LOAD } from './shape.ts';

const REGIONS = 3;
/** Messages by the hour of the day, from midnight on, as of people who write at work and at home. */
const BY_HOUR = [
  ...[2, 1, 1, 1, 1, 2, 5, 12, 24, 32, 34, 30],
  ...[22, 27, 31, 30, 27, 22, 18, 17, 16, 13, 9, 5],
] as const;
const HOURS = BY_HOUR.length;
const MEAN = BY_HOUR.reduce((sum, messages) => sum + messages, 0) / HOURS;

const LACKS =
  'the regions of european-day have no link delays of their own: all generators share one link';

export const europeanDay = defineShape({
  kind: 'european-day',
  options: { daySec: { standard: 480, from: 24, to: 86_400 } },
  plan: { steadySec: 480, faults: [] },
  lastsSec: ({ daySec }) => daySec,
  load({ daySec }) {
    const rates = Array.from({ length: REGIONS }, (_, region) => ({
      every: REGIONS,
      first: region,
      // East is ahead: where it is one hour later, the day is one hour older.
      spans: BY_HOUR.map((_, hour) => ({
        fromMs: Math.floor((hour * daySec * 1_000) / HOURS),
        times: (BY_HOUR[(hour + region) % HOURS] ?? MEAN) / MEAN,
      })),
    }));
    return { ...STEADY_LOAD, rates, lacks: LACKS };
  },
});
