/**
 * How available the service may have been at best, were it not for the
 * generator: while an event loop of the generator stands still, its users'
 * answers are seen late, and a message may look late that was not.
 *
 * A message that missed its deadline is taken as good if it would have met it
 * without the time for which its user's loop stood still meanwhile, or if it
 * was never answered and the loop stood still before its deadline. So a
 * service that misses its objective even then has missed it.
 *
 * Evidence: `L` lines. Users are dealt to virtual users as the generator does
 * it (`scenarios/users.ts`): in order, in equal parts.
 */
import { LOOP_LAG_FIELDS } from '../ledger/client-records.ts';
import type { Ledgers } from '../ledger/ledgers.ts';
import { NEVER, userOf } from '../ledger/messages.ts';
import type { Outcomes } from './outcomes.ts';

/** `[from, to]` in milliseconds from the ledgers' base. */
type Stop = readonly [from: number, to: number];

/** Share of messages with retries, blurred ones taken as good; null without messages. */
export function availableAtBest(
  ledgers: Ledgers,
  outcomes: Outcomes,
  deadlineMs: number,
): number | null {
  if (outcomes.count === 0) return null;
  const stops = stopsByLoop(ledgers);
  let good = 0;
  for (let each = 0; each < outcomes.count; each++) {
    if (outcomes.good[each] === 1 || isBlurred(each)) good++;
  }
  return good / outcomes.count;

  function isBlurred(each: number): boolean {
    const user = userOf(ledgers.records.messages, outcomes.message[each] as number);
    const own = stops.get(loopOf(ledgers, user)) ?? [];
    const fromMs = outcomes.intendedMs[each] as number;
    const latencyMs = outcomes.latencyMs[each] as number;
    if (latencyMs === NEVER) return stoppedMs(own, fromMs, fromMs + deadlineMs) > 0;
    return latencyMs - stoppedMs(own, fromMs, fromMs + latencyMs) <= deadlineMs;
  }
}

/** For how long, of this time, the loop stood still that did so longest; times from the ledgers' base. */
export const longestStopMs = (ledgers: Ledgers, fromMs: number, toMs: number): number =>
  [...stopsByLoop(ledgers).values()].reduce(
    (longest, stops) => Math.max(longest, stoppedMs(stops, fromMs, toMs)),
    0,
  );

function stoppedMs(stops: readonly Stop[], fromMs: number, toMs: number): number {
  return stops.reduce(
    (sum, [from, to]) => sum + Math.max(0, Math.min(to, toMs) - Math.max(from, fromMs)),
    0,
  );
}

const loopKey = (shard: number, virtualUser: number): string => `${shard} ${virtualUser}`;

function loopOf({ shards }: Ledgers, user: number): string {
  const held = shards.find(
    ({ header }) => user >= header.firstUser && user < header.firstUser + header.users,
  );
  if (held === undefined) return '';
  const { shard, firstUser, users, virtualUsers } = held.header;
  // Virtual user v holds those from ⌊v · users / virtualUsers⌋ on.
  const virtualUser = Math.ceil(((user - firstUser + 1) * virtualUsers) / users) - 1;
  return loopKey(shard, virtualUser);
}

function stopsByLoop({ records }: Ledgers): ReadonlyMap<string, readonly Stop[]> {
  const lags = records.loopLags.view();
  const stops = new Map<string, Stop[]>();
  for (let at = 0; at < lags.length; at += LOOP_LAG_FIELDS) {
    const [atMs = 0, lagMs = 0, virtualUser = 0, shard = 0] = lags.subarray(
      at,
      at + LOOP_LAG_FIELDS,
    );
    const key = loopKey(shard, virtualUser);
    const list = stops.get(key);
    if (list === undefined) stops.set(key, [[atMs - lagMs, atMs]]);
    else list.push([atMs - lagMs, atMs]);
  }
  return stops;
}
