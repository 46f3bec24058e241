/**
 * A plan from beginning to end, as every command that runs one does it: the
 * machine set up, leftovers removed, a cluster, the run, its judgement, the
 * reports.
 */
import { randomBytes } from 'node:crypto';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { writeFile } from 'node:fs/promises';
import { rolesOf, type Cluster } from '../cluster/cluster.ts';
import { HoldfastError, reasonOf } from '../cluster/errors.ts';
import { attachCluster } from '../cluster/docker/attach-cluster.ts';
import { listClusters } from '../cluster/docker/list-clusters.ts';
import { removeOrphans } from '../cluster/docker/remove-cluster.ts';
import { startCluster } from '../cluster/docker/start-cluster.ts';
import { readVersions } from '../cluster/versions.ts';
import { openFileLimit } from '../cluster/machine/limits.ts';
import { setUp } from '../cluster/machine/set-up.ts';
import { movableClocks } from '../chaos/faults/mechanisms.ts';
import type { Plan } from '../chaos/plan.ts';
import { needs } from '../chaos/planned-faults.ts';
import { inRun, runFiles } from '../chaos/run-directory.ts';
import { runPlan } from '../chaos/run.ts';
import { shardsOf } from '../chaos/shards.ts';
import type { Verdict } from '../reports/verdict.ts';
import { listenForAbort } from './abort-channel.ts';
import { concludeRun, writeConclusion } from './conclude-run.ts';
import type { Progress } from './progress.ts';
import { createRunDirectory, type RunDirectory } from './run-directory.ts';

export interface ExecuteOptions {
  readonly plan: Plan;
  /** Parent of all run directories. */
  readonly runs: string;
  readonly keep: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface Executed {
  readonly run: RunDirectory;
  readonly verdict: Verdict;
}

export async function executePlan(options: ExecuteOptions): Promise<Executed> {
  const { plan, runs, progress } = options;
  const log = progress.line;
  const directory = await createRunDirectory(runs, plan, new Date());
  await using abortable = await listenForAbort(directory.path);
  const signal = AbortSignal.any([options.signal, abortable.signal]);
  await setUp({ log, signal, need: ['build-k6'] });
  await removeOrphans(log);
  const nonce = randomBytes(4).toString('hex');
  let hasEnded = false;
  try {
    await using cluster = await provideCluster({ ...options, signal }, nonce);
    const limit = await openFileLimit(signal);
    const shards = shardsOf(plan, limit.reachable);
    await writeEnvironment(directory, cluster, { nonce, shards, openFiles: limit.reachable });
    await runPlan({
      run: directory.path,
      runName: directory.name,
      nonce,
      plan,
      cluster,
      shards,
      observer: {
        onEvent(event) {
          progress.onEvent(event);
          if (event.kind === 'run-ended') abortable.healed();
        },
        onLive: progress.onLive,
      },
      signal,
    });
    log(
      cluster.id === KEPT ? 'the cluster stays: ./holdfast cluster down' : 'removing the cluster',
    );
    hasEnded = true;
  } catch (error) {
    // An engine may keep a network for ever. The evidence is whole all the same, and the next start
    // tries again to remove what is left.
    if (!hasEnded || !(error instanceof HoldfastError)) throw error;
    log(`left behind: ${reasonOf(error)}`);
  }
  log('judging');
  const conclusion = await concludeRun(directory.path);
  await writeConclusion(directory.path, conclusion);
  return { run: directory, verdict: conclusion.verdict };
}

/** The one cluster that `--keep` leaves running and takes up again. */
export const KEPT = 'kept';

const otherCluster = (differs: string): HoldfastError =>
  new HoldfastError({
    code: 'other-cluster',
    message: `the cluster that was kept has ${differs}`,
    remedy: './holdfast cluster down, then again with --keep; or without --keep',
    exitCode: 64,
  });

async function provideCluster(options: ExecuteOptions, nonce: string): Promise<Cluster> {
  const { plan, keep, progress, signal } = options;
  const log = progress.line;
  if (keep && (await listClusters()).some(({ id }) => id === KEPT)) {
    log('taking up the cluster that was kept');
    const cluster = await attachCluster(KEPT);
    const isGuarded = cluster.processes.some(({ component }) => component === 'guard');
    if (isGuarded !== plan.guard) {
      throw otherCluster(`${isGuarded ? 'a' : 'no'} failover guard; the plan wants it otherwise`);
    }
    if (rolesOf(cluster) !== plan.roles) {
      throw otherCluster(`its roles ${rolesOf(cluster)}; the plan wants them ${plan.roles}`);
    }
    if (cluster.databases !== plan.databases) {
      throw otherCluster(`${cluster.databases} databases; the plan wants ${plan.databases}`);
    }
    const clocks = await movableClocks.inCluster(cluster);
    if (needs(plan, movableClocks) && clocks.kind !== 'able') {
      throw otherCluster('no clocks that can be moved; the plan wants them');
    }
    await cluster.restore();
    return cluster;
  }
  log('starting the cluster');
  const id = keep ? KEPT : `run-${nonce}`;
  return startCluster({ id, users: plan.users, ...clusterOf(plan), keep, log, signal });
}

/** What a plan wants of its cluster, beside room for its users. */
export const clusterOf = (plan: Plan) => ({
  guard: plan.guard,
  movableClocks: needs(plan, movableClocks),
  roles: plan.roles,
  databases: plan.databases,
});

/** Where and on what the run runs. */
export async function writeEnvironment(
  directory: RunDirectory,
  cluster: Cluster,
  facts: Readonly<Record<string, unknown>>,
): Promise<void> {
  const environment = {
    run: { name: directory.name, ...facts },
    machine: {
      platform: `${platform()} ${release()} ${arch()}`,
      cores: cpus().length,
      processor: cpus()[0]?.model ?? 'unknown',
      memoryBytes: totalmem(),
      node: process.version,
    },
    versions: await readVersions(cluster),
    cluster: {
      id: cluster.id,
      servers: cluster.servers,
      processes: cluster.processes.map(({ id }) => id),
    },
    databaseNodes: cluster.servers.filter(({ role }) => role === 'db').map(({ id }) => id),
  };
  await writeFile(
    inRun(directory.path, runFiles.environment),
    `${JSON.stringify(environment, null, 2)}\n`,
  );
}
