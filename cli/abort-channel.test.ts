/** Real sockets, in a state directory of the test's own. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runningDirectory } from '../cluster/paths.ts';
import { abortRuns, listenForAbort } from './abort-channel.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-abort-'));
  vi.stubEnv('XDG_STATE_HOME', home);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

test('a run that is aborted says so when everything is healed, and why it ended', async () => {
  await using run = await listenForAbort('runs/some-gate');
  let healedAtMs = Infinity;
  run.signal.addEventListener('abort', () => {
    setTimeout(() => {
      healedAtMs = performance.now();
      run.healed();
    }, 50);
  });
  const aborted = await abortRuns('somebody', 5_000);
  expect(performance.now()).toBeGreaterThanOrEqual(healedAtMs);
  expect(aborted).toEqual([
    { kind: 'healed', pid: process.pid, run: 'runs/some-gate', tookMs: expect.any(Number) },
  ]);
  expect(run.signal.reason).toMatchObject({ name: 'Interrupted', message: 'aborted by somebody' });
});

test('a run that is over listens no more, and leaves no socket', async () => {
  const run = await listenForAbort('runs/some-gate');
  await run[Symbol.asyncDispose]();
  expect(await abortRuns('somebody', 5_000)).toEqual([]);
  expect(readdirSync(runningDirectory())).toEqual([]);
});

test('a run that ends before it broke anything has healed', async () => {
  const run = await listenForAbort('runs/some-gate');
  run.signal.addEventListener('abort', () => void run[Symbol.asyncDispose]());
  expect(await abortRuns('somebody', 5_000)).toMatchObject([{ kind: 'healed' }]);
});

test('what a killed run left is nobody who could be aborted', async () => {
  await using _run = await listenForAbort('runs/some-gate');
  const left = join(runningDirectory(), '1.sock');
  writeFileSync(left, '');
  expect(existsSync(left)).toBe(true);
  expect((await abortRuns('somebody', 100)).map(({ pid }) => pid)).toEqual([process.pid]);
});

test('one that does not heal in time is told', async () => {
  await using run = await listenForAbort('runs/some-gate');
  expect(run.signal.aborted).toBe(false);
  // It says at once who it is; long enough for that, whatever the machine does meanwhile.
  expect(await abortRuns('somebody', 2_000)).toEqual([
    { kind: 'no-answer', pid: process.pid, run: 'runs/some-gate' },
  ]);
});

test('a process that never says anything is told, too', async () => {
  await using run = await listenForAbort('runs/some-gate');
  const silent = createServer(() => undefined);
  await new Promise<void>((listening) =>
    silent.listen(join(runningDirectory(), '2.sock'), listening),
  );
  run.signal.addEventListener('abort', () => run.healed());
  const aborted = await abortRuns('somebody', 100);
  silent.close();
  expect(aborted).toContainEqual({ kind: 'no-answer', pid: 2, run: '' });
});
