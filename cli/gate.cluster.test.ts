/** The gate as a person runs it: as a command, on real parts, at a small size. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listClusters } from '../cluster/docker/list-clusters.ts';

const HOLDFAST = resolve(import.meta.dirname, '../holdfast');
let runs: string;

beforeAll(async () => {
  runs = await mkdtemp(join(tmpdir(), 'holdfast-runs-'));
});
const stateOfOurOwn = () => `${runs}-state`;
afterAll(async () => {
  for (const left of [runs, stateOfOurOwn()]) await rm(left, { recursive: true, force: true });
});

const holdfast = (...words: string[]) =>
  execa(HOLDFAST, words, { reject: false, env: { NO_COLOR: '1' } });

async function newestRun(): Promise<string> {
  const newest = (await readdir(runs)).sort().at(-1);
  return join(runs, newest ?? '');
}

test('a small gate loses nothing, proves its fault, and judges the same again from its directory', async () => {
  const small = ['--users', '60', '--duration', '10s', '--faults', 'kill-postgres'];
  const running = holdfast('gate', ...small, '--runs', runs, '--json');
  let saidAtMs = Number.NaN;
  running.stdout.on('data', () => (saidAtMs = performance.now()));
  const gate = await running;
  expect(performance.now() - saidAtMs, 'ms from the verdict to the end').toBeLessThan(10_000);
  const verdict = JSON.parse(gate.stdout) as Record<string, unknown>;
  expect(verdict).toMatchObject({
    messages: { lost: 0, duplicated: 0, reordered: 0, phantom: 0, undelivered: 0 },
    faults: [{ kind: 'kill-postgres', proof: { bitten: true } }],
  });
  // With so few users the strike may fall between two messages: then it is inconclusive, rightly.
  expect(['pass', 'inconclusive']).toContain(verdict['verdict']);
  expect(gate.exitCode).toBe(verdict['exitCode']);

  const again = await holdfast('check', await newestRun(), '--json');
  expect(again.exitCode).toBe(gate.exitCode);
  expect(again.stdout).toBe(gate.stdout);
});

test('killed in the middle of a fault, it leaves a run that is inconclusive and nothing that stays', async () => {
  const small = ['--users', '60', '--duration', '5s', '--faults', 'cut-link', '--runs', runs];
  const gate = execa(HOLDFAST, ['gate', ...small], { reject: false });
  await new Promise<void>((struck, failed) => {
    gate.stderr.on('data', (words: Buffer) => {
      if (words.toString().includes('struck')) struck();
    });
    void gate.then(({ stderr }) => failed(new Error(`ended before the fault: ${stderr}`)));
  });
  gate.kill('SIGKILL');
  await gate;

  const check = await holdfast('check', await newestRun(), '--json');
  expect(JSON.parse(check.stdout)).toMatchObject({ verdict: 'inconclusive' });
  expect(check.exitCode).toBe(2);

  expect(
    (await listClusters()).filter(({ ownerAlive, keep }) => !ownerAlive && !keep),
  ).toHaveLength(1);
  await holdfast('cluster', 'down');
  expect((await listClusters()).filter(({ ownerAlive, keep }) => !ownerAlive && !keep)).toEqual([]);
});

test('aborted from another terminal in the middle of a fault, it heals and says who ended it', async () => {
  // Another run on this machine must not be aborted by this.
  const ofOurOwn = { XDG_STATE_HOME: stateOfOurOwn() };
  const small = ['--users', '60', '--duration', '5s', '--faults', 'cut-link', '--runs', runs];
  const gate = execa(HOLDFAST, ['gate', ...small, '--json'], { reject: false, env: ofOurOwn });
  await new Promise<void>((struck, failed) => {
    gate.stderr.on('data', (words: Buffer) => {
      if (words.toString().includes('struck')) struck();
    });
    void gate.then(({ stderr }) => failed(new Error(`ended before the fault: ${stderr}`)));
  });
  const abort = await execa(HOLDFAST, ['abort', '--json'], { reject: false, env: ofOurOwn });
  expect(abort.exitCode).toBe(0);
  expect(JSON.parse(abort.stdout)).toMatchObject({
    runs: [{ kind: 'healed', run: await newestRun() }],
  });

  const { stdout, exitCode } = await gate;
  expect(exitCode).toBe(2);
  const { verdict, reasons } = JSON.parse(stdout) as Record<string, unknown>;
  expect(verdict).toBe('inconclusive');
  expect(String(reasons)).toMatch(/aborted by .+ with holdfast abort/);
  expect((await listClusters()).filter(({ ownerAlive, keep }) => !ownerAlive && !keep)).toEqual([]);
});

test.for([
  [['gate', '--users', '-5'], 'at least 2 users'],
  [['gate', '--faults', 'explode'], 'use some of noop, kill-postgres'],
  [['gate', '--duration', 'soon'], 'write it like 60s, 3m or 1h'],
  [['gate', '--config', 'nowhere.json'], 'no config file nowhere.json'],
  [['gate', '--usrs', '5'], 'Unknown argument'],
  [['check', '/'], 'is no run directory'],
] as const)('refuses %j with exit code 64 and the remedy', async ([words, remedy]) => {
  const refused = await holdfast(...words);
  expect(refused.stderr).toContain(remedy);
  expect(refused.exitCode).toBe(64);
});
