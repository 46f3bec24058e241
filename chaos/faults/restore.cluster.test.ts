/**
 * What a killed run leaves behind, `restore` undoes: faults strike and nobody
 * heals them, as after a kill -9 of the harness.
 */
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Awaited, awaitCondition } from '../../cluster/await.ts';
import { plannedFaultSchema } from '../plan.ts';
import { FAULTS, type FaultKind, faultOf } from './index.ts';
import { rehearse } from './rehearse.ts';
import { startTrials, type Trials } from './testing/fault-trial.ts';
import { tracesOfFaults } from './testing/traces.ts';
import { awaitFlow } from './testing/writers.ts';

const { signal } = new AbortController();
let trials: Trials;
beforeAll(async () => {
  trials = await startTrials(`test-restore-${process.pid}`, { movableClocks: true });
});
afterAll(() => trials[Symbol.asyncDispose]());

/** Several at once, which no plan would be allowed: what they leave has to go all the same. */
async function strikeAndForget(kind: FaultKind): Promise<void> {
  const fault = faultOf(kind);
  const context = { cluster: trials.cluster, signal };
  const planned = plannedFaultSchema.parse({ kind });
  const target = await fault.target(context, planned);
  const strike = await fault.prepare(context, target, planned);
  await strike();
}

test('a cluster that nothing was done to has no traces of a fault', async () => {
  expect(await tracesOfFaults(trials.cluster)).toEqual([]);
});

test.for([
  {
    kinds: [
      'long-lock',
      'cpu-hog',
      'limit-bandwidth',
      'slow-disk',
      'packet-loss',
      'kill-nats',
      'kill-balancer',
      'kill-patroni',
    ],
  },
  { kinds: ['pause-server'] },
  { kinds: ['clock-jump', 'disk-full'] },
  { kinds: ['exhaust-connections', 'corrupt-page'] },
] as const)('restore undoes $kinds, and is harmless once more', async ({ kinds }) => {
  const { cluster, whole } = trials;
  await whole();
  // A test that fails half-way leaves nothing to the next.
  onTestFinished(() => cluster.restore());
  for (const kind of kinds) await strikeAndForget(kind);
  expect(await tracesOfFaults(cluster).catch((error: unknown) => [String(error)])).not.toEqual([]);
  await cluster.restore();
  // A member that is built anew cannot be read for some seconds.
  await awaitCondition(readable, {
    what: 'every acknowledged message on every member',
    timeoutMs: 60_000,
    everyMs: 500,
    signal,
  });
  await whole();
  expect(await tracesOfFaults(cluster)).toEqual([]);
  await cluster.restore();
  expect(await tracesOfFaults(cluster)).toEqual([]);
});

async function readable(): Promise<Awaited> {
  try {
    const missing = Object.entries(await trials.writers.missingRows());
    return {
      met: missing.every(([, keys]) => keys.length === 0),
      seen: missing.map(([server, keys]) => `${server} lacks ${keys.length}`).join(', '),
    };
  } catch (error) {
    return { met: false, seen: String(error) };
  }
}

/** Some of those that last until something is done about them. */
const HEALED: readonly FaultKind[] = ['kill-server', 'cut-link', 'long-lock'];

test('a rehearsal names target and commands of every fault, and leaves no trace', async () => {
  const { cluster, whole } = trials;
  await whole();
  const before = await cluster.leader(2_000);
  await awaitFlow(trials.writers, signal);
  // `scale-roles` has nothing to strike where roles are together: `scale-roles.cluster.test.ts`.
  const kinds = FAULTS.filter(({ kind }) => kind !== 'noop' && kind !== 'scale-roles');
  for (const fault of kinds) {
    const planned = plannedFaultSchema.parse({ kind: fault.kind });
    const { target, strikes, heals } = await rehearse(fault, { cluster, signal }, planned);
    expect({ kind: fault.kind, target }).not.toMatchObject({ target: '' });
    expect({ kind: fault.kind, strikes }).not.toMatchObject({ strikes: [] });
    if (HEALED.some((kind) => kind === fault.kind)) expect(heals).not.toEqual([]);
  }
  expect(await tracesOfFaults(cluster)).toEqual([]);
  expect(await cluster.leader(2_000)).toBe(before);
});
