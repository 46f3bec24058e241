import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type Dockerode from 'dockerode';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { awaitCondition } from '../await.ts';
import { ensureImages } from '../images/ensure-image.ts';
import { clusterDirectory } from '../paths.ts';
import { connectEngine } from './engine.ts';
import { labelsFor, ownOwner } from './labels.ts';
import { listClusters } from './list-clusters.ts';
import { createNetwork, networkName } from './network.ts';
import { removeCluster, removeOrphans } from './remove-cluster.ts';
import { startCluster } from './start-cluster.ts';

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

/** A container of somebody else, whose image is one of ours. */
const createStranger = async (HostConfig: Dockerode.HostConfig): Promise<Dockerode.Container> => {
  const { base: Image } = await ensureImages(() => undefined);
  const stranger = await engine.createContainer({ Image, Cmd: ['sleep', 'infinity'], HostConfig });
  onTestFinished(() => stranger.remove({ force: true }));
  return stranger;
};

test('a network lets go of whoever else is on it', async () => {
  const id = `test-visited-${suffix}`;
  const labels = labelsFor({ cluster: id, owner: ownOwner(), keep: false });
  await createNetwork(engine, id, labels);
  const visitor = await createStranger({ NetworkMode: networkName(id) });
  await visitor.start();
  await removeCluster(id);
  expect((await ours()).map((cluster) => cluster.id)).not.toContain(id);
  expect((await visitor.inspect()).State.Running).toBe(true);
});

test('what cannot be removed is named, and what keeps it', async () => {
  const id = `test-alive-${suffix}`;
  const holder = await createStranger({ Binds: [`${id}:/data`] });
  await expect(removeCluster(id, 500)).rejects.toThrow(
    new RegExp(`volume ${id}: .*in use.*${holder.id}`),
  );
});

/** Building the images on a slow mirror is what takes long. */
const START_TIMEOUT_MS = 900_000;

test(
  'a start that is interrupted leaves nothing',
  async () => {
    const id = `test-interrupted-${suffix}`;
    const interrupt = new AbortController();
    const { signal } = interrupt;
    const start = startCluster({ id, users: 100, keep: false, signal, log: () => undefined });
    const interrupted = expect(start).rejects.toThrow('Ctrl-C');
    await awaitCondition(
      async () => {
        const containers = (await ours()).find((cluster) => cluster.id === id)?.containers ?? 0;
        return { met: containers >= 3, seen: `${containers} containers` };
      },
      { what: 'the first servers', timeoutMs: START_TIMEOUT_MS, everyMs: 50, remedy: '' },
    );
    interrupt.abort(new Error('Ctrl-C'));
    await interrupted;
    expect((await ours()).map((cluster) => cluster.id)).not.toContain(id);
    await expect(stat(clusterDirectory(id))).rejects.toThrow('ENOENT');
  },
  START_TIMEOUT_MS,
);

test(
  'what a killed harness left is found and removed',
  async () => {
    const id = `test-killed-${suffix}`;
    const harness = spawn(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import { startCluster } from ${JSON.stringify(join(import.meta.dirname, 'start-cluster.ts'))};
         await startCluster({ id: '${id}', users: 100, keep: false, log: (line) => console.log(line) });`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    for await (const line of createInterface({ input: harness.stdout })) {
      if (/servers with/.test(line)) break;
    }
    harness.kill('SIGKILL');
    await once(harness, 'exit');
    const left = (await ours()).find((cluster) => cluster.id === id);
    expect(left).toMatchObject({ keep: false, ownerAlive: false, networks: 1, volumes: 7 });
    await removeOrphans(() => undefined);
    expect((await ours()).map((cluster) => cluster.id)).not.toContain(id);
    await expect(stat(clusterDirectory(id))).rejects.toThrow('ENOENT');
  },
  START_TIMEOUT_MS,
);
