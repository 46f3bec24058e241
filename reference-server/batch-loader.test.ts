import { expect, test } from 'vitest';
import { createBatchLoader } from './batch-loader.ts';

function recordingLoader(sizeMax: number, answer = (keys: readonly number[]) => keys.map(String)) {
  const batches: (readonly number[])[] = [];
  const load = createBatchLoader<number, string>({
    windowMs: 1,
    sizeMax,
    async load(keys) {
      batches.push(keys);
      return answer(keys);
    },
  });
  return { load, batches };
}

test('loads together what is asked for together, and answers each with its own', async () => {
  const { load, batches } = recordingLoader(100);
  expect(await Promise.all([load(3), load(1), load(2)])).toEqual(['3', '1', '2']);
  expect(await load(4)).toBe('4');
  expect(batches).toEqual([[3, 1, 2], [4]]);
});

test('does not wait longer when a batch is full', async () => {
  const { load, batches } = recordingLoader(2);
  await Promise.all([1, 2, 3, 4, 5].map(load));
  expect(batches).toEqual([[1, 2], [3, 4], [5]]);
});

test('tells everyone of a batch that it failed', async () => {
  const { load } = recordingLoader(100, () => {
    throw new Error('no database');
  });
  const results = await Promise.allSettled([load(1), load(2)]);
  expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
});

test('fails rather than answering with a neighbour’s value', async () => {
  const { load } = recordingLoader(100, (keys) => keys.slice(1).map(String));
  await expect(Promise.all([load(1), load(2)])).rejects.toThrow('asked for 2 values, got 1');
});
