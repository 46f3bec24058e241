/**
 * A token bucket for each of many keys: `burst` at once, `rateHz` in the long
 * run. Kept as one number a key (the generic cell rate algorithm): the time up
 * to which its tokens are spent. A key whose bucket is full again is forgotten,
 * so that the memory follows those who ask, not those who ever asked.
 */
export interface RateLimitOptions {
  readonly rateHz: number;
  readonly burst: number;
}

export interface RateLimit<Key> {
  /** 0: one was taken. Otherwise the milliseconds until there is one, and none was taken. */
  take(key: Key, nowMs: number): number;
  /** Keys whose bucket is not known to be full. */
  readonly size: number;
}

/** Below it nothing is gained by looking for keys to forget. */
const KEYS_MIN = 1_024;
/** Sums of fractions: a ten-thousandth of a millisecond is not worth a refusal. */
const SLACK_MS = 1e-4;

export function createRateLimit<Key>({ rateHz, burst }: RateLimitOptions): RateLimit<Key> {
  const intervalMs = 1_000 / rateHz;
  const aheadMsMax = (burst - 1) * intervalMs;
  const spentUntilMs = new Map<Key, number>();
  let forgetAt = KEYS_MIN;

  function forgetFull(nowMs: number): void {
    for (const [key, untilMs] of spentUntilMs) if (untilMs <= nowMs) spentUntilMs.delete(key);
    forgetAt = Math.max(KEYS_MIN, 2 * spentUntilMs.size);
  }

  return {
    take(key, nowMs) {
      const fromMs = Math.max(spentUntilMs.get(key) ?? nowMs, nowMs);
      const overMs = fromMs - nowMs - aheadMsMax;
      if (overMs > SLACK_MS) return overMs;
      spentUntilMs.set(key, fromMs + intervalMs);
      if (spentUntilMs.size >= forgetAt) forgetFull(nowMs);
      return 0;
    },
    get size() {
      return spentUntilMs.size;
    },
  };
}
