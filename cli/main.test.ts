/** The command as a program: what it ends with when something goes wrong outside of any command. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

const HOLDFAST = resolve(import.meta.dirname, '../holdfast');

/** As soon as it listens for what nobody caught, there is something. */
const FAILING = `data:text/javascript,process.on('newListener', (name) => {
  if (name === 'uncaughtException') setImmediate(() => Promise.reject(new Error('nobody waits')));
})`.replaceAll(/\s+/g, ' ');

test('whoever stops reading its output ends nothing', async () => {
  const child = spawn(HOLDFAST, ['claims'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [said, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(said).toBe('');
  expect(exitCode).toBe(0);
});

test('what nobody caught ends with 70, which is no verdict, and says so', async () => {
  const child = spawn(HOLDFAST, ['claims'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: `--import ${JSON.stringify(FAILING)}` },
  });
  const [said, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(said).toMatch(/^holdfast: Error: nobody waits\n/);
  expect(said).toContain('this is a fault of holdfast itself');
  expect(exitCode).toBe(70);
});
