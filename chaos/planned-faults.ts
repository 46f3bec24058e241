/**
 * Which fault comes at which place of a run. A plan lists them; the plan of a
 * campaign is also a stream that goes on (`schedule.ts`): a fault that the
 * topology cannot bear when its turn comes is skipped, and the stream goes on
 * until as many have struck as were planned. The same seed gives the same
 * stream for ever, and so the same campaign while nothing is skipped.
 */
import type { Mechanism } from './faults/mechanisms.ts';
import { FAULTS } from './faults/index.ts';
import { type Plan, type PlannedFault, plannedFaultSchema } from './plan.ts';
import { scheduleOf } from './schedule.ts';

type Weights = NonNullable<Plan['campaign']>['weights'];

/** The fault at this place, from 0; undefined after the last of a plan that is no campaign. */
export function faultAt(plan: Plan, place: number): PlannedFault | undefined {
  const listed = plan.faults[place];
  if (listed !== undefined || plan.campaign === undefined) return listed;
  return drawFaults(plan.seed, plan.campaign.weights, place + 1)[place];
}

/** The first of a campaign's stream, each with its defaults. */
export function drawFaults(seed: number, weights: Weights, count: number): PlannedFault[] {
  const schedule = scheduleOf({ seed, faults: count, weights: new Map(Object.entries(weights)) });
  return schedule.map((kind) => plannedFaultSchema.parse({ kind }));
}

/**
 * What has to have struck, in order. Only a campaign has others instead of those that were skipped:
 * a plan that names its faults is not carried out without one of them.
 */
export function dueFaults(plan: Plan, skipped: readonly number[]): PlannedFault[] {
  if (plan.campaign === undefined) return [...plan.faults];
  const places = Array.from({ length: plan.faults.length + skipped.length }, (_, place) => place);
  return places
    .filter((place) => !skipped.includes(place))
    .slice(0, plan.faults.length)
    .flatMap((place) => faultAt(plan, place) ?? []);
}

/** May one of its faults need this? A cluster has to be started for some. */
export const needs = ({ faults, campaign }: Plan, mechanism: Mechanism): boolean =>
  FAULTS.some(
    ({ kind, needs: needed }) =>
      needed.some(({ id }) => id === mechanism.id) &&
      (faults.some((planned) => planned.kind === kind) || campaign?.weights[kind] !== undefined),
  );

/** After two rounds in which nothing was legal, nothing will be. */
export const skipsInARowMax = ({ campaign }: Plan): number =>
  2 * Object.values(campaign?.weights ?? {}).reduce((sum, weight) => sum + weight, 0);
