import { expect, test } from 'vitest';
import { failuresOf, HoldfastError, reasonOf } from './errors.ts';

const holdfast = (message: string): HoldfastError =>
  new HoldfastError({ code: 'x', message, remedy: `mend ${message}` });

/** What a scope throws whose clearing up fails too, and again. */
function suppressed(): unknown {
  try {
    using _outer = { [Symbol.dispose]: () => raise(new Error('outer')) };
    using _inner = { [Symbol.dispose]: () => raise(holdfast('inner')) };
    raise(holdfast('first'));
  } catch (error) {
    return error;
  }
  return undefined;
}
function raise(error: Error): never {
  throw error;
}

test('what failed first comes first, and what failed while clearing up after it', () => {
  expect(failuresOf(suppressed()).map((error) => (error as Error).message)).toEqual([
    'first',
    'inner',
    'outer',
  ]);
  expect(failuresOf(undefined)).toEqual([undefined]);
});

test('a reason says all of it, with what to do', () => {
  expect(reasonOf(suppressed())).toBe(
    'first (mend first); then, while clearing up: inner (mend inner); then, while clearing up: outer',
  );
  expect(reasonOf('broken')).toBe('broken');
});
