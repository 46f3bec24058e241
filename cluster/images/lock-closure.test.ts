import { expect, test } from 'vitest';
import { HoldfastError } from '../errors.ts';
import { lockClosure } from './lock-closure.ts';

const lock = {
  packages: {
    '': {},
    'node_modules/a': { version: '1.0.0', integrity: 'x', dependencies: { b: '2', c: '1' } },
    'node_modules/a/node_modules/b': { version: '2.0.0', dependencies: { c: '1' } },
    'node_modules/b': { version: '1.0.0' },
    'node_modules/c': {
      version: '1.0.0',
      dependencies: { a: '1' },
      optionalDependencies: { 'only-elsewhere': '1' },
      peerDependencies: { '@s/p': '1' },
    },
    'node_modules/@s/p': { version: '3.0.0' },
    'node_modules/unused': { version: '1.0.0' },
  },
};

test('takes what a package needs, nested before hoisted, each once, and nothing else', () => {
  expect(lockClosure(lock, ['a']).map(({ path, version }) => `${path} ${version}`)).toEqual([
    'node_modules/@s/p 3.0.0',
    'node_modules/a 1.0.0',
    'node_modules/a/node_modules/b 2.0.0',
    'node_modules/c 1.0.0',
  ]);
});

test('refuses a package that is not locked', () => {
  expect(() => lockClosure(lock, ['missing'])).toThrow(HoldfastError);
});
