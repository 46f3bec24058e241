/**
 * Over how many k6 processes a plan's users are spread. At least as many as
 * their sockets take (`limits.ts`); and where few users are much work, more: a
 * process has one core at most, and what comes in a burst waits in it, one
 * after the other. With 5,000 users and five times the rate one process
 * sent up to 310 ms late (99 % of it; 100 ms are allowed).
 */
import { availableParallelism } from 'node:os';
import { shardsFor } from '../cluster/machine/limits.ts';
import { shapedLoadOf } from '../scenarios/shapes/index.ts';
import type { Plan } from './plan.ts';

/** Messages a second and process, some 20 receivers each: a fifth of a core at rest, twice that in a burst. */
const MESSAGES_HZ_MAX = 125;
/** Users a process lets go and connects again at once: 2.3 ms of a core each. */
const STORM_USERS_MAX = 1_500;
/** More processes than that only take the cores from one another. */
const PROCESSES_A_CORE = 2;
/** Messages that all users together mean to send a second at most, were all their peaks at once. */
function peakHzOf(plan: Plan): number {
  const { users, intervalSec } = plan;
  const { rates } = shapedLoadOf(plan);
  const usual = 1 - rates.reduce((sum, { every }) => sum + 1 / every, 0);
  const times = rates.reduce(
    (sum, { every, spans }) => sum + Math.max(...spans.map((span) => span.times)) / every,
    usual,
  );
  return (users * times) / intervalSec;
}

/** `openFiles`: how many a process may have. Throws where that leaves no users. */
export function shardsOf(plan: Plan, openFiles: number, cores = availableParallelism()): number {
  const stormy = shapedLoadOf(plan).storm === null ? 0 : plan.users / STORM_USERS_MAX;
  const byWork = Math.ceil(Math.max(peakHzOf(plan) / MESSAGES_HZ_MAX, stormy));
  return Math.max(shardsFor(plan.users, openFiles), Math.min(PROCESSES_A_CORE * cores, byWork));
}
