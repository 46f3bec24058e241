/**
 * `npm run bench -- NAME …`: one bench by its name, with its own arguments.
 * A new bench is a file beside this and a line here.
 */
import { HoldfastError } from '../cluster/errors.ts';
import { runBench } from './run-bench.ts';

const BENCHES = new Map<string, () => Promise<unknown>>([
  ['checker', () => import('./checker.ts')],
  ['ledger', () => import('./ledger.ts')],
  ['recovery', () => import('./recovery.ts')],
  ['recording', () => import('./recording.ts')],
  ['balancer', () => import('./balancer.ts')],
  ['server', () => import('./server.ts')],
  ['durable', () => import('./durable.ts')],
  ['generator', () => import('./generator.ts')],
]);

// What stands behind the name is for the bench, which reads the arguments itself.
const [name = ''] = process.argv.splice(2, 1);
const start = BENCHES.get(name);
if (start !== undefined) await start();
else {
  await runBench(() => {
    throw new HoldfastError({
      code: 'usage',
      message: `there is no bench "${name}"`,
      remedy: `one of: npm run bench -- ${[...BENCHES.keys()].join(' | ')}`,
      exitCode: 64,
    });
  });
}
