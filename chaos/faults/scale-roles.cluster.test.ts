/** Scaling on a real cluster whose roles are apart, and what else breaks there. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { awaitCondition } from '../../cluster/await.ts';
import { isOfService } from '../../cluster/cluster.ts';
import { plannedFaultSchema } from '../plan.ts';
import { readCounters, workOf } from '../service-counters.ts';
import { rehearse } from './rehearse.ts';
import { scaleRoles } from './scale-roles.ts';
import { startTrials, type Trials } from './testing/fault-trial.ts';

const WORK = { timeoutMs: 20_000, everyMs: 100 } as const;

let trials: Trials;
beforeAll(async () => {
  trials = await startTrials(`test-scale-roles-${process.pid}`, { roles: 'apart' });
});
afterAll(() => trials[Symbol.asyncDispose]());

test('messages go through gateways and are stored by all ingests', async () => {
  const { cluster } = trials;
  const service = cluster.processes.filter(isOfService);
  const working = service.filter(({ component }) => component !== 'history');
  // Who gets a batch is drawn by lot, so the first few may all go past one of them.
  await awaitCondition(
    async () => {
      const counters = await readCounters(cluster);
      const work = working.map(({ id, component }) => ({
        id,
        count: workOf(component, counters.get(id) ?? new Map()),
      }));
      return {
        met: counters.size === service.length && work.every(({ count }) => count > 0),
        seen: work.map(({ id, count }) => `${id} ${count}`).join(', '),
      };
    },
    { what: 'each of them to have a message', ...WORK, signal: new AbortController().signal },
  );
});

test('rehearsed, scale-roles names all who would leave and come back, and tells none of them', async () => {
  const { cluster } = trials;
  const context = { cluster, signal: new AbortController().signal };
  const planned = plannedFaultSchema.parse({ kind: 'scale-roles' });
  const { target, strikes, heals } = await rehearse(scaleRoles, context, planned);
  expect(target).toBe('app1, app2, app3');
  // Two ingests and two history servers.
  expect([strikes.length, heals.length]).toEqual([4, 4]);
  const running = cluster.processes.filter(isOfService).map(({ id }) => cluster.isRunning(id));
  expect(await Promise.all(running)).not.toContain(false);
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
