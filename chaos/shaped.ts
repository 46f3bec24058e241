/** What a plan's shape makes of its users: who they are, how much they mean to send, who counts. */
import { createPopulation, type Population } from '../scenarios/population.ts';
import { offeredUntil } from '../scenarios/schedule.ts';
import { shapedLoadOf } from '../scenarios/shapes/index.ts';
import { ABUSER } from '../scenarios/shapes/shape.ts';
import type { Plan } from './plan.ts';

/** Slow readers are in the hot channel, for that is what they are slow to read. */
export function populationOf(plan: Plan): Population {
  const { hot, slow } = shapedLoadOf(plan);
  const slowReaders = Array.from(
    { length: slow?.users ?? 0 },
    (_, index) => plan.users - 1 - index,
  );
  return createPopulation(plan.seed, plan.users, hot?.members ?? 0, slowReaders);
}

/** For how long its users mean to send, recoveries of faults not counted; seconds. */
export const loadSecOf = ({ steadySec, settleSec, faults }: Plan): number =>
  faults.reduce((sum, { holdSec }) => sum + holdSec + settleSec, steadySec);

/** Messages that all users mean to send in so many seconds from the start of sending on. */
export function offeredOf(plan: Plan, seconds: number): number {
  const { users, intervalSec } = plan;
  const { rates } = shapedLoadOf(plan);
  return offeredUntil({ users, intervalMs: intervalSec * 1_000, rates }, seconds * 1_000);
}

/**
 * Is availability about this user's messages? An abuser's flood is nobody's loss, and slow readers
 * send nothing.
 */
export function counts(plan: Plan): (user: number) => boolean {
  const { abuser, slow } = shapedLoadOf(plan);
  const firstSlow = plan.users - (slow?.users ?? 0);
  return (user) => user < firstSlow && (abuser === null || user !== ABUSER);
}
