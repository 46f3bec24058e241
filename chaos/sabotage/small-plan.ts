/**
 * The plan of a selftest's runs: sixty messages a second, for as long as it
 * takes to see a sabotage, and no longer. They come from 300 users: a user sends
 * one message ahead of its time at most, and fewer users have none left to keep
 * messages under way when a busy engine strikes late.
 */
import { planSchema, type Plan } from '../plan.ts';
import type { Circumstances } from './sabotage.ts';

/** Two generators, so that one of them can be the broken one. */
export const SHARDS = 2;

export const smallPlan = (name: string, { faults, steadySec }: Circumstances): Plan =>
  planSchema.parse({
    name,
    users: 300,
    intervalSec: 5,
    connectSec: 2,
    steadySec,
    settleSec: 2,
    // A client's retry comes after three seconds.
    drainSec: 5,
    probes: false,
    faults,
    // What is tested is whether something is noticed; in so short a window one failover alone would
    // cost more than the mission's budget.
    objective: { availability: 0.75 },
  });
