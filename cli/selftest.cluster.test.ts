/** The selftest as a person runs it: as a command, on real parts, with two of its sabotages. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listClusters } from '../cluster/docker/list-clusters.ts';

const HOLDFAST = resolve(import.meta.dirname, '../holdfast');
/** Four runs of some forty seconds, and a cluster; a busy machine needs twice that. */
const TIMEOUT_MS = 600_000;
let runs: string;

beforeAll(async () => {
  runs = await mkdtemp(join(tmpdir(), 'holdfast-selftest-'));
});
afterAll(() => rm(runs, { recursive: true, force: true }));

const selftest = (...words: string[]) =>
  execa(HOLDFAST, ['selftest', ...words], { reject: false, env: { NO_COLOR: '1' } });

test(
  'two sabotages are found for the right reason, and the service itself is green',
  async () => {
    const only = ['--only', 'delivery-doubled', '--only', 'client-ledger-truncated'];
    const { stdout, stderr, exitCode } = await selftest(...only, '--runs', runs, '--json');
    const { turns } = JSON.parse(stdout) as { turns: { name: string; outcome: object }[] };
    expect(turns, stderr).toMatchObject([
      { name: 'control-calm', outcome: { kind: 'green' } },
      { name: 'delivery-doubled', outcome: { kind: 'found', by: ['delivered-twice'] } },
      { name: 'client-ledger-truncated', outcome: { kind: 'found' } },
      { name: 'control-calm', outcome: { kind: 'green' } },
    ]);
    expect(exitCode).toBe(0);
    const left = (await listClusters()).filter(({ id }) => id.startsWith('selftest-'));
    expect(left.filter(({ ownerAlive }) => !ownerAlive)).toEqual([]);
  },
  TIMEOUT_MS,
);

test('lists every sabotage with what has to find it, and those that nothing can find yet', async () => {
  const { stdout, exitCode } = await selftest('--list', '--json');
  const { sabotages, open } = JSON.parse(stdout) as Record<string, { name: string }[]>;
  expect(sabotages?.map(({ name }) => name)).toContain('acknowledge-before-commit');
  expect(sabotages?.length).toBeGreaterThanOrEqual(24);
  expect(sabotages?.map(({ name }) => name)).toContain('stale-history');
  expect(open?.map(({ name }) => name)).toContain('alert-never-sent');
  expect(exitCode).toBe(0);
});

test('refuses a sabotage that it does not know', async () => {
  const { stderr, exitCode } = await selftest('--only', 'nothing-at-all');
  expect(stderr).toContain('holdfast selftest --list');
  expect(exitCode).toBe(64);
});
