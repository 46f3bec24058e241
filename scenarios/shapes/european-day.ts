/**
 * `european-day`: a day, compressed into minutes. Three regions, an hour apart
 * each: people write little at night, most before noon and again in the
 * afternoon, and the peaks of the regions follow one another. Over the day it
 * is as many messages as in the steady load. Arrivals are open.
 *
 * The threshold that matters: the objective holds at the peak, which is twice
 * the mean, not only on average.
 *
 * Each region has its own way to the service, which stands in the middle one:
 * a round trip takes so much longer. It is the generator's sockets that hear
 * later (`distant.go`), because all users of a generator share a link, and not
 * every kernel can delay packets.
 */
import { defineShape, STEADY_LOAD } from './shape.ts';

/** Messages by the hour of the day, from midnight on, as of people who write at work and at home. */
const BY_HOUR = [
  ...[2, 1, 1, 1, 1, 2, 5, 12, 24, 32, 34, 30],
  ...[22, 27, 31, 30, 27, 22, 18, 17, 16, 13, 9, 5],
] as const;
const HOURS = BY_HOUR.length;
const MEAN = BY_HOUR.reduce((sum, messages) => sum + messages, 0) / HOURS;

/**
 * From Europe to its furthest ends. Further away, what the harness expects within so many hundred
 * milliseconds of the service (a refusal while the database is away) would be the way's fault.
 */
const ROUND_TRIP_MS_MAX = 200;

export const europeanDay = defineShape({
  kind: 'european-day',
  options: {
    daySec: { standard: 480, from: 24, to: 86_400 },
    // From Lisbon, Frankfurt and Athens to Frankfurt, over what people have at home.
    westMs: { standard: 45, from: 0, to: ROUND_TRIP_MS_MAX },
    middleMs: { standard: 10, from: 0, to: ROUND_TRIP_MS_MAX },
    eastMs: { standard: 55, from: 0, to: ROUND_TRIP_MS_MAX },
  },
  plan: { steadySec: 480, faults: [] },
  lastsSec: ({ daySec }) => daySec,
  load({ daySec, westMs, middleMs, eastMs }) {
    const roundTripsMs = [westMs, middleMs, eastMs];
    const rates = roundTripsMs.map((_, region) => ({
      every: roundTripsMs.length,
      first: region,
      // East is ahead: where it is one hour later, the day is one hour older.
      spans: BY_HOUR.map((_, hour) => ({
        fromMs: Math.floor((hour * daySec * 1_000) / HOURS),
        times: (BY_HOUR[(hour + region) % HOURS] ?? MEAN) / MEAN,
      })),
    }));
    return { ...STEADY_LOAD, rates, roundTripsMs };
  },
});
