import { expect, test } from 'vitest';
import { pollUntil } from './await.ts';

const options = { timeoutMs: 2_000, everyMs: 1, signal: new AbortController().signal };

test('a look that failed is made again', async () => {
  let looks = 0;
  const last = await pollUntil(async () => {
    looks++;
    if (looks === 1) return Promise.any([Promise.reject(new Error('no etcd answered'))]);
    return { met: true, seen: 'whole' };
  }, options);
  expect({ last, looks }).toEqual({ last: { met: true, seen: 'whole' }, looks: 2 });
});

test('when it is over, what the last look failed of is told', async () => {
  const last = await pollUntil(
    () => Promise.any([Promise.reject(new Error('timeout')), Promise.reject(new Error('timeout'))]),
    { ...options, timeoutMs: 5 },
  );
  expect(last).toEqual({ met: false, seen: 'Error: timeout' });
});

test('who is interrupted waits no longer', async () => {
  const aborted = AbortSignal.abort(new Error('interrupted'));
  const waiting = pollUntil(() => ({ met: false, seen: '' }), { ...options, signal: aborted });
  await expect(waiting).rejects.toThrow('interrupted');
});
