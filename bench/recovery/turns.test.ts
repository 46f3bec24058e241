import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('nobody begins before the one before has ended, also when that failed', async () => {
  const turns = createTurns();
  const seen: string[] = [];
  const gate = Promise.withResolvers<undefined>();
  const first = turns(async () => {
    seen.push('first begins');
    await gate.promise;
    seen.push('first ends');
    throw new Error('as meant');
  });
  const second = turns(() => {
    seen.push('second');
    return Promise.resolve(2);
  });
  await Promise.resolve();
  expect(seen).toEqual(['first begins']);
  gate.resolve(undefined);
  await expect(first).rejects.toThrow('as meant');
  expect(await second).toBe(2);
  expect(seen).toEqual(['first begins', 'first ends', 'second']);
});
