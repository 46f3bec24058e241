/** Faults of the database, of its resources, and releases, on a real cluster. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTrials, type Trials } from './testing/fault-trial.ts';

let trials: Trials;
beforeAll(async () => {
  trials = await startTrials(`test-database-faults-${process.pid}`);
});
afterAll(() => trials[Symbol.asyncDispose]());

test.for([
  ['terminate-backends', {}],
  ['exhaust-connections', {}],
  ['cpu-hog', { loops: 1 }],
  ['memory-pressure', { roomMebibytes: 2 }],
  ['slow-disk', { kibibytesHz: 512 }],
  ['corrupt-page', {}],
  ['rolling-restart-chat', {}],
  ['rolling-restart-database', {}],
] as const)(
  '%s %o is proven, heals, and messages keep being acknowledged',
  async ([kind, options]) => {
    await trials.tryFault(kind, options);
  },
);

test('long-lock stops writes until the lock is gone', async () => {
  await trials.tryFault('long-lock');
});

test.for(['switchover', 'cancel-replication-wait', 'disk-full'] as const)(
  '%s has another primary in the end, and nothing acknowledged is lost',
  async (kind) => {
    const { target } = await trials.tryFault(kind);
    expect(await trials.cluster.leader(2_000)).not.toBe(target);
  },
);
