/**
 * The generators that are compared, each with as many sockets as it is good
 * for on a small machine, and the interval that gives all about the same
 * deliveries a second.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../cluster/cluster.ts';
import { openEventLog } from '../../chaos/event-log.ts';
import { startLoad } from '../../chaos/load.ts';
import { planSchema } from '../../chaos/plan.ts';
import { inRun, runFiles } from '../../chaos/run-directory.ts';
import type { Population } from '../../scenarios/population.ts';
import { ARTILLERY_PROCESS, startArtillery } from './artillery.ts';
import { writeLogins } from './logins.ts';

/** Messages a second of all users together: half of the mission's. */
const MESSAGES_HZ = 167;
const CONNECT_MS = 15_000;

export interface Generator {
  readonly name: string;
  readonly isOurs: boolean;
  readonly users: number;
  /** Its name in `Cluster.usage`. */
  readonly process: string;
  start(cluster: Cluster, population: Population): Promise<AsyncDisposable>;
}

const intervalMsOf = (users: number): number => Math.round((users * 1_000) / MESSAGES_HZ);

/** `environment` overrides what the gate gives its generators. */
async function startOurs(
  cluster: Cluster,
  population: Population,
  environment: Readonly<Record<string, string>>,
): Promise<AsyncDisposable> {
  const run = await mkdtemp(join(tmpdir(), 'holdfast-generator-'));
  await mkdir(inRun(run, runFiles.ledger), { recursive: true });
  const log = openEventLog(run, () => undefined);
  const { users } = population;
  const load = await startLoad({
    ...{ run, runName: 'generator', nonce: randomBytes(4).toString('hex'), log },
    ...{ population, shards: 1 },
    plan: planSchema.parse({
      ...{ users, faults: [], connectSec: CONNECT_MS / 1_000 },
      intervalSec: Math.round(intervalMsOf(users) / 1_000),
    }),
    cluster: {
      ...cluster,
      startLoadShard: (options) =>
        cluster.startLoadShard({
          ...options,
          environment: { ...options.environment, ...environment },
        }),
    },
  });
  return {
    async [Symbol.asyncDispose]() {
      await load[Symbol.asyncDispose]();
      log[Symbol.dispose]();
      await rm(run, { recursive: true, force: true });
    },
  };
}

async function startPlain(cluster: Cluster, population: Population): Promise<AsyncDisposable> {
  const pace = { intervalMs: intervalMsOf(population.users), connectMs: CONNECT_MS };
  const logins = await writeLogins(cluster, population, pace);
  const shard = await cluster.startLoadShard({
    shard: 0,
    arguments: [
      ...['--quiet', '--summary-mode=disabled', '--no-thresholds', '--no-usage-report'],
      '/project/one-socket.ts',
    ],
    environment: { ...logins.environment, SSL_CERT_FILE: '/cluster-ca.pem' },
    mounts: [
      { source: logins.directory, target: '/load', readOnly: true },
      { source: cluster.caFile, target: '/cluster-ca.pem', readOnly: true },
      { source: import.meta.dirname, target: '/project', readOnly: true },
    ],
  });
  return { [Symbol.asyncDispose]: () => shard.kill() };
}

/** The one that is held against the bar. */
export const JUDGED = 'ours, GOGC=40';
const SHARD = 'load/shard-0';

export const GENERATORS: readonly Generator[] = [
  {
    name: 'ours, as the gate runs it',
    isOurs: true,
    users: 5_000,
    process: SHARD,
    start: (cluster, population) => startOurs(cluster, population, {}),
  },
  {
    name: JUDGED,
    isOurs: true,
    users: 5_000,
    process: SHARD,
    start: (cluster, population) =>
      startOurs(cluster, population, { GOGC: '40', GOMEMLIMIT: 'off' }),
  },
  {
    name: 'k6, a socket a user',
    isOurs: false,
    users: 500,
    process: SHARD,
    start: startPlain,
  },
  {
    name: 'Artillery',
    isOurs: false,
    users: 1_000,
    process: ARTILLERY_PROCESS,
    start: async (cluster, population) => {
      const pace = { intervalMs: intervalMsOf(population.users), connectMs: CONNECT_MS };
      return startArtillery(cluster, await writeLogins(cluster, population, pace));
    },
  },
];
