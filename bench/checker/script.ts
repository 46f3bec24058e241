/**
 * What happens in a made-up run, before anything is written of it: when it
 * begins, how long it lasts, and which three faults fall into it. Times are
 * milliseconds since `EPOCH_MS`, as in the client ledger.
 *
 * Users, interval, shards and the time to connect are those of the release
 * gate; only its length differs, so a larger run is a longer one.
 */
import { readsHistory } from '../../scenarios/history.ts';
import { createPopulation, type Population } from '../../scenarios/population.ts';
import type { Schedule } from '../../scenarios/schedule.ts';

/** Any moment will do; this one is 2025-10-09T08:53:20Z. */
export const EPOCH_MS = 1_760_000_000_000;
export const RUN_NONCE = 'b5ec4e77';
export const SHARDS = 4;
export const NODES = ['db1', 'db2', 'db3', 'db4'] as const;
const USERS = 20_000;
const INTERVAL_MS = 60_000;
/** The population of this one has a fan-out of just over 20, so the hour has the mission's 24 million deliveries. */
const SEED = 20_251_012;
/** Shards start, users connect, and everybody waits a moment. */
const SEND_AFTER_MS = 86_000;
/** From the strike until writes go on; what real runs of the gate measured was 1.5 s to 5 s. */
const OUTAGE_MS = 3_500;

export interface Outage {
  readonly id: string;
  readonly kind: 'kill-postgres' | 'kill-server' | 'cut-link';
  readonly target: string;
  readonly newPrimary: string;
  readonly struckMs: number;
  readonly backMs: number;
  readonly holdSec: number;
}

export interface Script {
  readonly name: string;
  readonly schedule: Schedule;
  readonly population: Population;
  /** Users who read history. */
  readonly readers: readonly number[];
  /** Messages of each user, and pages of history that each reader is shown. */
  readonly perUser: number;
  /** When the window ends. */
  readonly endMs: number;
  readonly sendAfterMs: number;
  readonly outages: readonly Outage[];
}

/** The run with the whole number of intervals that comes nearest to so many messages. */
export function scriptOf(messages: number): Script {
  const perUser = Math.max(1, Math.round(messages / USERS));
  const lengthMs = perUser * INTERVAL_MS;
  const outages = FAULTS.map((fault, index) => {
    const struckMs = SEND_AFTER_MS + Math.floor((lengthMs * (index + 1)) / (FAULTS.length + 1));
    return { id: `${index + 1}-${fault.kind}`, ...fault, struckMs, backMs: struckMs + OUTAGE_MS };
  });
  return {
    name: `bench-${perUser * USERS}`,
    schedule: {
      seed: SEED,
      sendFromMs: EPOCH_MS + SEND_AFTER_MS,
      intervalMs: INTERVAL_MS,
      rates: [],
    },
    population: createPopulation(SEED, USERS),
    readers: Array.from({ length: USERS }, (_, user) => user).filter((user) =>
      readsHistory(SEED, user, USERS),
    ),
    perUser,
    endMs: SEND_AFTER_MS + lengthMs,
    sendAfterMs: SEND_AFTER_MS,
    outages,
  };
}

/** The gate's own three, each on the primary of its time. */
const FAULTS = [
  { kind: 'kill-postgres', target: 'db1', newPrimary: 'db2', holdSec: 10 },
  { kind: 'kill-server', target: 'db2', newPrimary: 'db3', holdSec: 25 },
  { kind: 'cut-link', target: 'db3', newPrimary: 'db4', holdSec: 25 },
] as const;

/** The users of a shard: `from` … `to - 1`, dealt as the gate deals them. */
export const usersOfShard = (users: number, shard: number) => ({
  from: Math.floor((shard * users) / SHARDS),
  to: Math.floor(((shard + 1) * users) / SHARDS),
});
