/** Scaling on a real cluster whose roles are apart, and what else breaks there. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isOfService } from '../../cluster/cluster.ts';
import { readCounters, workOf } from '../service-counters.ts';
import { startTrials, type Trials } from './testing/fault-trial.ts';

let trials: Trials;
beforeAll(async () => {
  trials = await startTrials(`test-scale-roles-${process.pid}`, { roles: 'apart' });
});
afterAll(() => trials[Symbol.asyncDispose]());

test('messages go through gateways and are stored by all ingests', async () => {
  const counters = await readCounters(trials.cluster);
  const service = trials.cluster.processes.filter(isOfService);
  expect([...counters.keys()].sort()).toEqual(service.map(({ id }) => id).sort());
  for (const { id, component } of service) {
    if (component === 'history') continue;
    expect(workOf(component, counters.get(id) ?? new Map())).toBeGreaterThan(0);
  }
});

test('scale-roles is proven, heals, and messages keep being acknowledged', async () => {
  await trials.tryFault('scale-roles');
});

test('without a NATS server its gateway asks by another, and messages keep being acknowledged', async () => {
  await trials.tryFault('kill-nats');
});

test('a whole app server dies with a process of each role on it, and the others take over', async () => {
  await trials.tryFault('kill-app-server');
});
