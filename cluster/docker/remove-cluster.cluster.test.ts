import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clusterDirectory } from '../paths.ts';
import { connectEngine } from './engine.ts';
import { labelsFor, ownOwner } from './labels.ts';
import { listClusters } from './list-clusters.ts';
import { removeCluster, removeOrphans } from './remove-cluster.ts';

const engine = await connectEngine();
const suffix = process.pid;
const DEAD_OWNER = '1:1';

const parts = [
  { id: `test-orphan-${suffix}`, owner: DEAD_OWNER, keep: false },
  { id: `test-kept-${suffix}`, owner: DEAD_OWNER, keep: true },
  { id: `test-alive-${suffix}`, owner: ownOwner(), keep: false },
] as const;

const createVolume = ({ id, owner, keep }: (typeof parts)[number]) =>
  engine.createVolume({ Name: id, Labels: labelsFor({ cluster: id, owner, keep }) });

let stateHome = '';
beforeAll(async () => {
  stateHome = await mkdtemp(join(tmpdir(), 'holdfast-state-'));
  process.env['XDG_STATE_HOME'] = stateHome;
  await Promise.all(parts.map(createVolume));
});
afterAll(async () => {
  await Promise.all(parts.map(({ id }) => removeCluster(id)));
  await rm(stateHome, { recursive: true, force: true });
  delete process.env['XDG_STATE_HOME'];
});

const ours = async () => (await listClusters()).filter(({ id }) => id.endsWith(`-${suffix}`));

test('lists every cluster that has left anything, and whether its owner lives', async () => {
  const nothing = { containers: 0, networks: 0, volumes: 1 };
  expect(await ours()).toEqual([
    { id: `test-alive-${suffix}`, keep: false, ownerAlive: true, ...nothing },
    { id: `test-kept-${suffix}`, keep: true, ownerAlive: false, ...nothing },
    { id: `test-orphan-${suffix}`, keep: false, ownerAlive: false, ...nothing },
  ]);
});

test('removes what a dead owner left and what has no containers, and nothing else', async () => {
  const stale = clusterDirectory(`test-stale-${suffix}`);
  await mkdir(stale, { recursive: true });
  const lines: string[] = [];
  await removeOrphans((line) => lines.push(line));
  expect((await ours()).map(({ id }) => id)).toEqual([
    `test-alive-${suffix}`,
    `test-kept-${suffix}`,
  ]);
  await expect(stat(stale)).rejects.toThrow('ENOENT');
  expect(lines.join('\n')).toContain(`test-orphan-${suffix}`);
  expect(lines.join('\n')).toContain(`test-stale-${suffix}`);
});

test('removing a cluster twice is harmless', async () => {
  await removeCluster(`test-kept-${suffix}`);
  await removeCluster(`test-kept-${suffix}`);
  expect((await ours()).map(({ id }) => id)).toEqual([`test-alive-${suffix}`]);
});
