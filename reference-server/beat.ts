/**
 * A common beat for all servers: each begins its batches at multiples of the
 * same span of the clock, so that their commits meet in the database. There
 * they share a flush and what is sent to the replicas, and what they lead to
 * (deliveries in the balancers, in the clients) comes in one wake-up instead
 * of one for each server. Clocks need not agree for anything but this saving.
 */

/** From `clockMs` (since the epoch) to the next beat: more than 0, at most `beatMs`; without a beat 0. */
export function untilBeatMs(clockMs: number, beatMs: number): number {
  return beatMs === 0 ? 0 : beatMs - (clockMs % beatMs);
}
