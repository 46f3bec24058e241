/**
 * Over how many k6 processes a plan's users are spread. At least as many as
 * their sockets take (`limits.ts`); and where few users are much work, more: a
 * process has one core at most, and what comes in a burst waits in it, one
 * after the other. With k6's own sockets, 5,000 users and five times the rate
 * one process sent up to 310 ms late (99 % of it; 100 ms are allowed).
 */
import { availableParallelism } from 'node:os';
import { shardsFor } from '../cluster/machine/limits.ts';
import { meanOverUsers, type RateProfile } from '../scenarios/rates.ts';
import { shapedLoadOf } from '../scenarios/shapes/index.ts';
import type { Plan } from './plan.ts';

/** Messages a second and process, some 20 receivers each: a fifth of a core. */
const MESSAGES_HZ_MAX = 250;
/** Users a process lets go and connects again at once: 1.2 ms of a core each. */
const STORM_USERS_MAX = 3_000;
/** More processes than that only take the cores from one another. */
const PROCESSES_A_CORE = 2;

const mostTimes = ({ spans }: RateProfile): number => Math.max(...spans.map(({ times }) => times));

/** `openFiles`: how many a process may have. Throws where that leaves no users. */
export function shardsOf(plan: Plan, openFiles: number, cores = availableParallelism()): number {
  const { users, intervalSec } = plan;
  const { rates, storm } = shapedLoadOf(plan);
  // As if all had their peaks at once.
  const peakHz = (users / intervalSec) * meanOverUsers(rates, users, 1, mostTimes);
  const stormy = storm === null ? 0 : users / STORM_USERS_MAX;
  const byWork = Math.ceil(Math.max(peakHz / MESSAGES_HZ_MAX, stormy));
  return Math.max(shardsFor(users, openFiles), Math.min(PROCESSES_A_CORE * cores, byWork));
}
