/**
 * Artillery as a generator: fetched once into the cache by npm (it is 470 MB,
 * too much for everybody who only wants to run Holdfast), then run in a
 * container of its own beside the other generators, one worker.
 */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Cluster } from '../../cluster/cluster.ts';
import { connectEngine, ignoreHarmless } from '../../cluster/docker/engine.ts';
import { labelsFor, ownOwner } from '../../cluster/docker/labels.ts';
import { startContainer } from '../../cluster/docker/planned-container.ts';
import { holderName, processName } from '../../cluster/docker/server-containers.ts';
import { ensureImage } from '../../cluster/images/ensure-image.ts';
import { cacheDirectory, makeCacheFolder } from '../../cluster/machine/cache.ts';
import type { Logins } from './logins.ts';

const VERSION = '2.0.34';
const INSTALL_TIMEOUT_MS = 240_000;
const OPEN_FILES = 20_000;
export const ARTILLERY_PROCESS = 'load/artillery';

/** Its folder; rejects where it cannot be fetched. */
export async function fetchArtillery(): Promise<string> {
  const folder = join(cacheDirectory(), `artillery-${VERSION}`);
  if (existsSync(join(folder, 'complete'))) return folder;
  await makeCacheFolder(folder);
  await writeFile(join(folder, 'package.json'), '{}\n');
  await execa(
    'npm',
    ['install', `artillery@${VERSION}`, '--no-audit', '--no-fund', '--ignore-scripts'],
    { cwd: folder, timeout: INSTALL_TIMEOUT_MS },
  );
  await writeFile(join(folder, 'complete'), '');
  return folder;
}

const scriptFor = (logins: Logins): unknown => ({
  config: {
    target: logins.edges[0],
    processor: './artillery-processor.ts',
    phases: [
      {
        duration: logins.connectMs / 1_000,
        arrivalCount: logins.users,
      },
    ],
  },
  scenarios: [
    {
      engine: 'ws',
      flow: [
        { connect: { function: 'logIn' } },
        { send: '{{ join }}' },
        {
          loop: [
            // A number with a fraction it takes for milliseconds.
            { think: `${logins.intervalMs}ms` },
            { function: 'write' },
            { send: '{{ frame }}' },
          ],
          count: 1_000_000,
        },
      ],
    },
  ],
});

export async function startArtillery(cluster: Cluster, logins: Logins): Promise<AsyncDisposable> {
  const folder = await fetchArtillery();
  const observer = cluster.servers.find(({ role }) => role === 'observer');
  const script = join(logins.directory, 'script.json');
  await writeFile(script, JSON.stringify(scriptFor(logins)));
  const name = processName(cluster.id, ARTILLERY_PROCESS);
  const labels = labelsFor(
    { cluster: cluster.id, owner: ownOwner(), keep: false },
    { process: ARTILLERY_PROCESS },
  );
  await startContainer({
    name,
    image: await ensureImage('runtime', () => undefined),
    command: ['node', '/artillery/node_modules/artillery/bin/run', 'run', '/script/script.json'],
    environment: {
      ...logins.environment,
      HOME: '/tmp',
      WORKERS: '1',
      ARTILLERY_DISABLE_TELEMETRY: 'true',
      NODE_EXTRA_CA_CERTS: '/cluster-ca.pem',
    },
    labels,
    network: { kind: 'joined', container: holderName(cluster.id, observer?.id ?? '') },
    binds: [
      `${folder}:/artillery:ro`,
      `${logins.directory}:/load:ro`,
      `${script}:/script/script.json:ro`,
      `${join(import.meta.dirname, 'artillery-processor.ts')}:/script/artillery-processor.ts:ro`,
      `${cluster.caFile}:/cluster-ca.pem:ro`,
    ],
    openFiles: OPEN_FILES,
  });
  const engine = await connectEngine();
  return {
    [Symbol.asyncDispose]: async () =>
      void (await ignoreHarmless(engine.getContainer(name).remove({ force: true, v: true }))),
  };
}
