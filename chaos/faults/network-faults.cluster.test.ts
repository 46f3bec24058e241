/** Faults of whole servers and of the network on a real cluster: each bites, heals twice, and the service does what it must. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { delay } from './delay.ts';
import { legalNow } from './legality.ts';
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
  ['limit-bandwidth', { kilobitsHz: 800 }],
] as const)(
  '%s %o is proven, heals, and messages keep being acknowledged',
  async ([kind, options]) => {
    await trials.tryFault(kind, options);
  },
);

test('reset-connections is over at once, and messages are acknowledged again', async () => {
  await trials.tryFault('reset-connections', { resetMs: 500 });
});

test('delay delays where the kernel has netem, and says why not where it has not', async () => {
  const { cluster } = trials;
  const context = { cluster, signal: new AbortController().signal };
  const tried = await cluster.execOnServer('observer', [
    ...['tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms'],
  ]);
  if (tried.exitCode === 0) {
    await cluster.execOnServer('observer', ['tc', 'qdisc', 'del', 'dev', 'lo', 'root']);
    await trials.tryFault('delay', { delayMs: 20, jitterMs: 5 });
    return;
  }
  expect(await legalNow(delay, context)).toEqual({
    kind: 'illegal',
    why: expect.stringContaining('netem'),
  });
});
