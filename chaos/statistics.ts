/**
 * The few statistics a verdict needs, exact: percentiles of all values (no
 * sampling, no interpolation) and the binomial bound on a rare event.
 */

/**
 * Nearest rank: the smallest value that at least `percent` % of all `count`
 * values do not exceed. `sorted` ascending; where it is shorter than `count`,
 * those that are not in it are larger than all others, and not known: null.
 */
export function percentile(
  sorted: ArrayLike<number>,
  percent: number,
  count = sorted.length,
): number | null {
  return sorted[rankOf(percent, count) - 1] ?? null;
}

/** Which of `count` ascending values is the percentile, from 1; 0: there are none. */
export const rankOf = (percent: number, count: number): number =>
  Math.min(count, Math.max(1, Math.ceil((percent / 100) * count)));

/** Not a number where there are none. */
export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, each) => sum + each, 0) / values.length;

/**
 * Exact one-sided upper bound (Clopper and Pearson) on the share of trials
 * that fail, when `failures` of `trials` did: the share at which seeing so few
 * failures has a chance of 1 − `confidence`. Null without trials.
 */
export function binomialUpperBound(
  failures: number,
  trials: number,
  confidence = 0.95,
): number | null {
  if (trials === 0) return null;
  if (failures >= trials) return 1;
  const chance = 1 - confidence;
  if (failures === 0) return 1 - chance ** (1 / trials);
  let [low, high] = [failures / trials, 1];
  // Each step halves the interval; 60 of them exhaust a double's precision.
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (chanceOfAtMost(failures, trials, middle) > chance) low = middle;
    else high = middle;
  }
  return high;
}

/** P(X ≤ failures) for X binomial; terms as logarithms, so that none underflows. */
function chanceOfAtMost(failures: number, trials: number, share: number): number {
  if (share <= 0) return 1;
  if (share >= 1) return failures >= trials ? 1 : 0;
  let term = trials * Math.log1p(-share);
  let sum = Math.exp(term);
  for (let k = 1; k <= failures; k++) {
    term += Math.log((trials - k + 1) / k) + Math.log(share) - Math.log1p(-share);
    sum += Math.exp(term);
  }
  return Math.min(1, sum);
}
