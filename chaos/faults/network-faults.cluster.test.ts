/** Faults of whole servers and of the network on a real cluster: each bites, heals twice, and the service does what it must. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plannedFaultSchema } from '../plan.ts';
import { cutBetween } from './cut-between.ts';
import { delayQueue } from './mechanisms.ts';
import { startTrials, type Trials } from './testing/fault-trial.ts';

let trials: Trials;
beforeAll(async () => {
  trials = await startTrials(`test-network-faults-${process.pid}`);
});
afterAll(() => trials[Symbol.asyncDispose]());

test.for([
  ['kill-server', {}],
  ['pause-server', {}],
  ['cut-link', {}],
  ['cut-one-way', { direction: 'in' }],
  ['cut-one-way', { direction: 'out' }],
  ['cut-primary-from-replicas', {}],
  ['cut-primary-from-etcd', {}],
] as const)(
  '%s %o takes the primary away, and another takes over in time',
  async ([kind, options]) => {
    const { target } = await trials.tryFault(kind, options);
    expect(await trials.cluster.leader(2_000)).not.toBe(target);
  },
);

test('reboot-server has the primary’s server back within seconds, and writes with it', async () => {
  await trials.tryFault('reboot-server', { downSec: 3 });
});

test('kill-two-servers stops writes until a server is back, and nothing acknowledged is lost', async () => {
  await trials.tryFault('kill-two-servers');
});

test.for([
  ['kill-app-server', {}],
  ['packet-loss', { lossPercent: 10 }],
  ['packet-loss', { from: 'replica', to: 'primary', ways: 'out', lossPercent: 50 }],
  ['limit-bandwidth', { kilobitsHz: 800 }],
  ['limit-bandwidth', { to: 'replica', kilobitsHz: 800 }],
] as const)(
  '%s %o is proven, heals, and messages keep being acknowledged',
  async ([kind, options]) => {
    await trials.tryFault(kind, options);
  },
);

test.for([
  { from: 'app', to: 'primary', ways: 'both' },
  { from: 'edge', to: 'app', ways: 'both' },
  { from: 'replica', to: 'primary', ways: 'in' },
  { from: 'app', to: 'app', ways: 'out' },
] as const)('cut-between %o is proven, heals, and the service comes back in time', async (link) => {
  await trials.tryFault('cut-between', link);
});

test('a link that would end where it begins is no target', async () => {
  const context = { cluster: trials.cluster, signal: new AbortController().signal };
  const planned = plannedFaultSchema.parse({ kind: 'cut-between', from: 'primary', to: 'primary' });
  const target = await cutBetween.target(context, planned);
  await expect(cutBetween.prepare(context, target, planned)).rejects.toThrow(
    /ends? where it begins/,
  );
});

test('reset-connections is over at once, and messages are acknowledged again', async () => {
  await trials.tryFault('reset-connections', { resetMs: 500 });
});

test('delay is proven, heals, and messages keep being acknowledged', async () => {
  await trials.tryFault('delay', { delayMs: 50, jitterMs: 10 });
});

test('delay of one link takes a kernel that can delay packets, and says so', async () => {
  const link = { from: 'app', to: 'edge', delayMs: 20, jitterMs: 5 };
  const { kind } = await delayQueue.inCluster(trials.cluster);
  if (kind === 'able') await trials.tryFault('delay', link);
  else await expect(trials.tryFault('delay', link)).rejects.toThrow(/without netem/);
});
