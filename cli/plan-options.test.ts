import { expect, it } from 'vitest';
import { clusterOf } from './execute-plan.ts';
import { planOf, type PlanArguments } from './plan-options.ts';

const GIVEN: PlanArguments = {
  config: undefined,
  users: 100,
  duration: undefined,
  seed: undefined,
  faults: undefined,
  name: 'plan',
};
const clusterFor = async (given: Partial<PlanArguments>) =>
  clusterOf(await planOf({ ...GIVEN, ...given }));

it('asks for the cluster that its faults need, and for no other', async () => {
  const usual = { guard: true, movableClocks: false, roles: 'together', databases: 1 };
  expect(await clusterFor({})).toEqual(usual);
  expect(await clusterFor({ faults: 'clock-jump' })).toEqual({ ...usual, movableClocks: true });
  expect(await clusterFor({ faults: 'scale-roles' })).toEqual({ ...usual, roles: 'apart' });
});

it('refuses to scale roles that are to be together', async () => {
  await expect(
    planOf({ ...GIVEN, faults: 'scale-roles', roles: 'together' }),
  ).rejects.toMatchObject({ code: 'roles-together', exitCode: 64 });
});
