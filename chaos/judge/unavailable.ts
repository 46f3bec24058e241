/**
 * For how long the whole service was away because of a fault, in seconds: the
 * share of messages that missed a bound, summed over the time in which users
 * meant to send them. Half of the load missing for two seconds is one second.
 *
 * By time and not by messages, because around a strike more messages are sent
 * than at other times (the volley of `chaos/campaign.ts`), and would weigh more.
 */
import type { Outcomes } from './outcomes.ts';

/** Short against any outage; at 8 messages a second still two messages. */
const SLICE_MS = 250;

/** Over [fromMs, toMs], epoch milliseconds. A slice in which nobody meant to send is as the one before. */
export function unavailableSec(
  outcomes: Outcomes,
  good: Uint8Array,
  fromMs: number,
  toMs: number,
): number {
  const slices = Math.max(0, Math.ceil((toMs - fromMs) / SLICE_MS));
  const meant = new Int32Array(slices);
  const missed = new Int32Array(slices);
  for (let each = 0; each < outcomes.count; each++) {
    const afterMs = (outcomes.intendedMs[each] as number) + outcomes.baseMs - fromMs;
    const slice = Math.floor(afterMs / SLICE_MS);
    if (slice < 0 || slice >= slices) continue;
    meant[slice] = (meant[slice] as number) + 1;
    missed[slice] = (missed[slice] as number) + 1 - (good[each] as number);
  }
  let [share, sumMs] = [0, 0];
  meant.forEach((count, slice) => {
    if (count > 0) share = (missed[slice] as number) / count;
    sumMs += share * Math.min(SLICE_MS, toMs - fromMs - slice * SLICE_MS);
  });
  return Math.round(sumMs) / 1_000;
}
