import { describe, expect, it } from 'vitest';
import { planSchema } from '../chaos/plan.ts';
import { plannedSecOf, searchPlanOf, type CapacityRequest } from './capacity-request.ts';

const REQUEST: CapacityRequest = {
  fromUsers: 10_000,
  toUsers: undefined,
  resolutionUsers: 2_500,
  plateauSec: 75,
  p99MsMax: 1_000,
  under: null,
};
const PLAN = planSchema.parse({ users: 10_000, steadySec: 75, faults: [] });
/** The usual limit, which leaves a chat server 19,000 users and some room. */
const OPEN_FILES = 20_000;

const boundsOf = (changed: Partial<CapacityRequest>, openFiles = OPEN_FILES) =>
  searchPlanOf({ ...REQUEST, ...changed }, PLAN, openFiles).search;

describe('the bounds of a sweep', () => {
  it('end at what the machine can connect, and say so', () => {
    expect(boundsOf({})).toMatchObject({ toUsers: 54_285, toIs: 'machine' });
    expect(boundsOf({ toUsers: 60_000 })).toMatchObject({ toUsers: 54_285, toIs: 'machine' });
    expect(boundsOf({ toUsers: 30_000 })).toMatchObject({ toUsers: 30_000, toIs: 'asked' });
    expect(boundsOf({}, 1_000_000)).toMatchObject({ toUsers: 100_000, toIs: 'plan' });
  });

  it('leave room for the users of an app server that the fault takes', () => {
    expect(boundsOf({ under: 'kill-app-server' }).toUsers).toBe(36_190);
    expect(boundsOf({ under: 'kill-server' }).toUsers).toBe(54_285);
  });

  it('refuse what cannot be searched', () => {
    expect(() => boundsOf({ fromUsers: 60_000 })).toThrow('more than the 54285 users');
    expect(() => boundsOf({ resolutionUsers: 0.5 })).toThrow('--resolution 0.5');
    expect(() => boundsOf({ toUsers: 1 })).toThrow('--to 1');
  });

  it('refuse a first step that there is no time for', () => {
    const plan = { ...PLAN, steadySec: 3_600 };
    expect(() => searchPlanOf(REQUEST, plan, OPEN_FILES)).toThrow('the first step alone');
  });
});

describe('the load of a step', () => {
  const boundsWith = (plan: Partial<typeof PLAN>) => () =>
    searchPlanOf(REQUEST, { ...PLAN, ...plan }, OPEN_FILES);

  it('is refused where hardly anybody would send twice', () => {
    expect(boundsWith({ steadySec: 74 })).toThrow('the order of messages could not be checked');
    expect(boundsWith({ steadySec: 74 })).toThrow(
      expect.objectContaining({ remedy: 'use a --plateau of 75s or more' }),
    );
    expect(boundsWith({ steadySec: 5, intervalSec: 1 })).not.toThrow();
  });

  it('goes on while a fault is there', () => {
    const faults = [{ kind: 'kill-server', holdSec: 25 } as const];
    expect(boundsWith({ steadySec: 45, settleSec: 5, faults })).not.toThrow();
    expect(boundsWith({ steadySec: 44, settleSec: 5, faults })).toThrow(
      expect.objectContaining({ remedy: 'use a --plateau of 45s or more' }),
    );
  });
});

describe('the time of a step', () => {
  it('grows with the users, and by its fault', () => {
    const quiet = plannedSecOf(PLAN);
    expect(quiet(20_000) - quiet(10_000)).toBe(37);
    const faults = [{ kind: 'kill-server', holdSec: 25 } as const];
    const under = plannedSecOf({ ...PLAN, faults });
    expect(under(10_000) - quiet(10_000)).toBe(25 + PLAN.settleSec + 30);
  });

  it('lets a sweep of the default size come to an end within half an hour', () => {
    const quiet = plannedSecOf(PLAN);
    const steps = [10_000, 20_000, 40_000, 54_285];
    expect(steps.reduce((sum, users) => sum + quiet(users), 0)).toBeLessThan(1_740);
  });
});
