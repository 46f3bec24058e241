/**
 * What a sweep is asked for, checked before anything is started: the bounds of
 * the search held against what this machine can connect and the time there is.
 */
import { expectedSec, type SearchBounds } from '../chaos/capacity/search.ts';
import { faultOf, type FaultKind } from '../chaos/faults/index.ts';
import { USERS_MAX, type Plan } from '../chaos/plan.ts';
import { loadSecOf } from '../chaos/shaped.ts';
import { HoldfastError } from '../cluster/errors.ts';
import { usersOnChatServers } from '../cluster/machine/limits.ts';
import type { CapacitySearch } from '../reports/capacity/capacity.ts';
import { connectSecOf } from './plan-options.ts';

export interface CapacityRequest {
  readonly fromUsers: number;
  /** Undefined: as many as this machine and a plan allow. */
  readonly toUsers: number | undefined;
  readonly resolutionUsers: number;
  readonly plateauSec: number;
  readonly p99MsMax: number;
  readonly under: FaultKind | null;
}

/** Half an hour, less what removing the cluster and the last report take. */
const SWEEP_SEC_MAX = 1_740;
/** Doubling and halving from 2 to 100,000 users by 2,500 takes at most so many, second looks included. */
const STEPS_MAX = 24;
const APP_SERVERS = 3;
/** From the first step to the first user: tables, population, generators that load their script. */
const PREPARE_SEC = 15;
/** After the drain: rows of all nodes, refusals, the judgement. */
const CONCLUDE_SEC = 15;
/** Until the steady state before a fault, and until what was broken is back: 5 to 60 s were seen. */
const AROUND_FAULT_SEC = 30;

/**
 * Of a step's load, in the time in which a user sends once. With these a quarter of all users send
 * twice; where nobody does, nothing can be out of order, the checker of that cannot be tried, and no
 * step could be judged.
 */
const INTERVALS_MIN = 1.25;

/** What a step of so many users takes by its plan, which is this one but for the users. */
export const plannedSecOf =
  (plan: Plan) =>
  (users: number): number =>
    PREPARE_SEC +
    connectSecOf(users) +
    loadSecOf(plan) +
    plan.faults.length * AROUND_FAULT_SEC +
    plan.drainSec +
    CONCLUDE_SEC;

export interface SearchPlan {
  readonly search: CapacitySearch;
  readonly bounds: SearchBounds;
}

/** `plan`: that of the smallest step. */
export function searchPlanOf(request: CapacityRequest, plan: Plan, openFiles: number): SearchPlan {
  const { fromUsers, resolutionUsers, plateauSec } = request;
  const { toUsers, toIs } = topOf(request, openFiles);
  requireWhole('--resolution', resolutionUsers, 1);
  if (fromUsers > toUsers) {
    throw usage(
      `--from ${fromUsers} is more than the ${toUsers} users that are to be tried at the most`,
      toIs === 'machine'
        ? 'this machine’s open files allow no more: see holdfast doctor; or a smaller --from'
        : 'use a smaller --from or a larger --to',
    );
  }
  requireSecondMessages(plan);
  const search = {
    fromUsers,
    toUsers,
    resolutionUsers,
    plateauSec,
    secondsMax: SWEEP_SEC_MAX,
    toIs,
  };
  const bounds = { ...search, stepsMax: STEPS_MAX, plannedSecOf: plannedSecOf(plan) };
  const firstSec = expectedSec(bounds, [], fromUsers);
  if (firstSec > SWEEP_SEC_MAX) {
    throw usage(
      `the first step alone would take about ${Math.round(firstSec)} s; a sweep has ${SWEEP_SEC_MAX} s`,
      'use a shorter --plateau or a smaller --from',
    );
  }
  return { search, bounds };
}

/** A fault that takes an app server leaves its users to the other two. */
function topOf({ toUsers, under }: CapacityRequest, openFiles: number) {
  const aim = under === null ? 'nothing' : faultOf(under).aim;
  const left = aim === 'an app server' ? APP_SERVERS - 1 : APP_SERVERS;
  const byMachine = usersOnChatServers(left, openFiles);
  const most = Math.min(byMachine, USERS_MAX);
  if (toUsers !== undefined) {
    requireWhole('--to', toUsers, 2);
    if (toUsers <= most) return { toUsers, toIs: 'asked' } as const;
  }
  return { toUsers: most, toIs: byMachine <= USERS_MAX ? 'machine' : 'plan' } as const;
}

function requireSecondMessages(plan: Plan): void {
  const { intervalSec, steadySec } = plan;
  const loadSec = loadSecOf(plan);
  const leastSec = INTERVALS_MIN * intervalSec;
  if (loadSec >= leastSec) return;
  throw usage(
    `in a step of ${loadSec} s hardly a user who sends once in ${intervalSec} s sends twice, so the order of messages could not be checked`,
    `use a --plateau of ${Math.ceil(leastSec + steadySec - loadSec)}s or more`,
  );
}

function requireWhole(option: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw usage(`${option} ${value} is not a number of users`, `use a whole number from ${least}`);
}

const usage = (message: string, remedy: string): HoldfastError =>
  new HoldfastError({ code: 'bad-capacity', message, remedy, exitCode: 64 });
