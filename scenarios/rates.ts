/**
 * How the rate of messages changes over time: data, so that the generator, who
 * sends, and the judge, who says what was meant to be sent, follow the same.
 *
 * A profile says by what factor its users send faster or slower than the
 * steady rate, from a moment on. *Work* is time at the steady rate: at twice
 * the rate a second holds two seconds of work. A message's seeded place is a
 * place in work, and turns into a time by the profile, so arrivals stay open,
 * and a seed gives the same messages whatever the shape of the load.
 */

export interface RateSpan {
  /** Milliseconds since the start of sending; the first span begins at 0, the last has no end. */
  readonly fromMs: number;
  /** Times the steady rate; above 0, so that every message has its time. */
  readonly times: number;
}

export interface RateProfile {
  /** The users `first`, `first + every`, `first + 2 · every`, … follow it. */
  readonly every: number;
  readonly first: number;
  readonly spans: readonly RateSpan[];
}

/** The first profile that the user follows; undefined: it sends at the steady rate all the time. */
export const profileOf = (rates: readonly RateProfile[], user: number): RateProfile | undefined =>
  rates.find(({ every, first }) => user % every === first);

/** When so much work is done; both in milliseconds since the start of sending. */
export function timeOfWork({ spans }: RateProfile, workMs: number): number {
  let leftMs = workMs;
  for (let index = 0; index < spans.length; index++) {
    const { fromMs, times } = spans[index] as RateSpan;
    const toMs = spans[index + 1]?.fromMs ?? Infinity;
    const spanMs = (toMs - fromMs) * times;
    if (leftMs < spanMs) return fromMs + leftMs / times;
    leftMs -= spanMs;
  }
  return leftMs;
}

/** How much work is done by then: the inverse of `timeOfWork`. */
export function workUntil({ spans }: RateProfile, timeMs: number): number {
  return spans.reduce((workMs, { fromMs, times }, index) => {
    const toMs = Math.min(timeMs, spans[index + 1]?.fromMs ?? Infinity);
    return workMs + Math.max(0, toMs - fromMs) * times;
  }, 0);
}

/** Times the steady rate at that moment. */
export const timesAt = ({ spans }: RateProfile, timeMs: number): number =>
  spans.findLast(({ fromMs }) => fromMs <= timeMs)?.times ?? 1;

/** Work of all these users together, as that of so many users at the steady rate. */
export function meanOverUsers(
  rates: readonly RateProfile[],
  users: number,
  steady: number,
  of: (profile: RateProfile) => number,
): number {
  const values = rates.map(of);
  let sum = 0;
  for (let user = 0; user < users; user++) {
    const place = rates.findIndex(({ every, first }) => user % every === first);
    sum += values[place] ?? steady;
  }
  return sum / users;
}
