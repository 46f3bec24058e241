/** Unit tests in parallel; tests on a real cluster or in a real browser one file after the other. */
import { defineConfig } from 'vitest/config';

const CLUSTER = '**/*.cluster.test.ts';
const BROWSER = '**/*.browser.test.ts';
/** Every condition that is awaited has this long, whatever the machine does meanwhile. */
const expectations = { poll: { timeout: 20_000 } };
const never = ['**/node_modules/**', 'runs/**'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          expect: expectations,
          include: ['**/*.test.ts'],
          exclude: [...never, CLUSTER, BROWSER],
          // For what hangs. How fast something is, is a matter of `bench/`.
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'cluster',
          expect: expectations,
          include: [CLUSTER],
          exclude: never,
          fileParallelism: false,
          // Images may have to be built first.
          testTimeout: 300_000,
          hookTimeout: 900_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'browser',
          expect: expectations,
          include: [BROWSER],
          exclude: never,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
