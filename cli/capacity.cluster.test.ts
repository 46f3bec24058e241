/** A sweep as a person runs it: as a command, on real parts, at a small size. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listClusters } from '../cluster/docker/list-clusters.ts';
import type { Capacity } from '../reports/capacity/capacity.ts';
import { outcomeOf } from '../reports/capacity/outcome.ts';
import type { Verdict } from '../reports/verdict.ts';

const HOLDFAST = resolve(import.meta.dirname, '../holdfast');
let runs: string;

beforeAll(async () => {
  runs = await mkdtemp(join(tmpdir(), 'holdfast-capacity-'));
  // Once a second, so that a few seconds of so few users say something.
  const config = { intervalSec: 1, connectSec: 2, drainSec: 4 };
  await writeFile(join(runs, 'config.json'), JSON.stringify(config));
});
afterAll(() => rm(runs, { recursive: true, force: true }));

const holdfast = (...words: string[]) =>
  execa(HOLDFAST, ['capacity', '--runs', runs, '--config', join(runs, 'config.json'), ...words], {
    reject: false,
    env: { NO_COLOR: '1' },
  });
const sweepDirectory = async (): Promise<string> =>
  join(
    runs,
    (await readdir(runs))
      .filter((name) => name.includes('-capacity'))
      .sort()
      .at(-1) ?? '',
  );
const readJson = async <T>(...path: string[]): Promise<T> =>
  JSON.parse(await readFile(join(...path), 'utf8')) as T;
const ours = async () =>
  (await listClusters()).filter(({ id, ownerAlive }) => id.startsWith('capacity-') && !ownerAlive);

test('a small sweep ends on a healthy system, with a judged run behind each of its steps', async () => {
  const small = ['--from', '50', '--to', '100', '--resolution', '50', '--plateau', '5s'];
  const { stdout, exitCode } = await holdfast(...small, '--json');
  const capacity = JSON.parse(stdout) as Capacity;
  const directory = await sweepDirectory();
  expect(await readJson(directory, 'capacity.json')).toEqual(capacity);
  expect(await readFile(join(directory, 'capacity.html'), 'utf8')).toContain('The knee');
  expect(exitCode).toBe(capacity.exitCode);

  expect(capacity.steps[0]?.users).toBe(50);
  expect(['found', 'top']).toContain(capacity.ended);
  for (const step of capacity.steps) {
    const verdict = await readJson<Verdict>(directory, step.run, 'verdict.json');
    expect(verdict.plan.users).toBe(step.users);
    expect(outcomeOf(verdict, 1_000)).toEqual({ kind: step.kind, reasons: step.reasons });
    // A busy machine may make a generator unfit; a loss it can make none.
    expect(['held', 'generator', 'failed']).toContain(step.kind);
    expect(step.lost).toBe(0);
    expect(step.usage.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['app1/chat', 'db1/patroni']),
    );
  }
  if (capacity.steps.every(({ kind }) => kind === 'held')) {
    expect(capacity.steps.map(({ users }) => users)).toEqual([50, 100]);
    expect(capacity.result).toMatchObject({ kind: 'at-least', users: 100, limitedBy: 'asked' });
  }
  expect(await ours()).toEqual([]);
});

test('interrupted in a step it heals, leaves with what is known, and leaves nothing behind', async () => {
  const sweep = holdfast('--from', '50', '--to', '50', '--plateau', '60s');
  await new Promise<void>((loaded, failed) => {
    sweep.stderr.on('data', (words: Buffer) => {
      if (words.toString().includes('steady load')) loaded();
    });
    void sweep.then(({ stderr }) => failed(new Error(`ended before there was load: ${stderr}`)));
  });
  sweep.kill('SIGINT');
  const { stdout, exitCode } = await sweep;
  expect(exitCode).toBe(2);
  expect(stdout).toContain('the sweep was broken off');
  expect(await readJson(await sweepDirectory(), 'capacity.json')).toMatchObject({
    ended: 'interrupted',
    result: { kind: 'none', users: 0 },
    steps: [],
  });
  expect(await ours()).toEqual([]);
});

test.for([
  [['--from', '500', '--to', '100'], 'use a smaller --from or a larger --to'],
  [['--under', 'explode'], 'use some of noop, kill-postgres'],
  [['--under', 'none'], 'name one'],
  [['--resolution', '0'], 'use a whole number from 1'],
  [['--beside', '/'], 'name the directory of a sweep'],
  [['--plateau', '1h'], 'use a shorter --plateau'],
] as const)('refuses %j with exit code 64 and the remedy', async ([words, remedy]) => {
  const refused = await holdfast(...words);
  expect(refused.stderr).toContain(remedy);
  expect(refused.exitCode).toBe(64);
});
