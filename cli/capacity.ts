/**
 * A sweep: one cluster, sized for the largest load that may be tried, and on
 * it one run after the other until the search is over. Each is a real run with
 * empty tables and a directory of its own, judged like any other; what is
 * known so far is written after each.
 */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { nextStep } from '../chaos/capacity/search.ts';
import type { RunEvent } from '../chaos/events.ts';
import type { Plan } from '../chaos/plan.ts';
import { runPlan } from '../chaos/run.ts';
import { shardsOf } from '../chaos/shards.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { removeOrphans } from '../cluster/docker/remove-cluster.ts';
import { startCluster } from '../cluster/docker/start-cluster.ts';
import { openFileLimit } from '../cluster/machine/limits.ts';
import { setUp } from '../cluster/machine/set-up.ts';
import type { Beside } from '../reports/capacity/beside.ts';
import type { Capacity, CapacityStep, EndOfSweep, Sweep } from '../reports/capacity/capacity.ts';
import { concludeCapacity } from '../reports/capacity/conclude.ts';
import { stepOf } from '../reports/capacity/step.ts';
import { writeCapacity } from '../reports/capacity/write.ts';
import { listenForAbort, type Abortable } from './abort-channel.ts';
import { searchPlanOf, type CapacityRequest } from './capacity-request.ts';
import { concludeRun, writeConclusion } from './conclude-run.ts';
import { clusterOf, writeEnvironment } from './execute-plan.ts';
import type { Progress } from './progress.ts';
import { createRunDirectory, stampOf } from './run-directory.ts';

export interface SweepOptions {
  readonly request: CapacityRequest;
  /** The plan of a step of so many users. */
  readonly planOf: (users: number) => Promise<Plan>;
  /** Parent of all run directories. */
  readonly runs: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** An earlier sweep, to be shown with this one. */
  readonly beside: Beside | null;
  readonly onStep: (step: CapacityStep) => void;
}

export interface Swept {
  /** With the directories of its steps in it. */
  readonly directory: string;
  readonly capacity: Capacity;
}

export async function runSweep(options: SweepOptions): Promise<Swept> {
  const { request, planOf, runs, progress, beside, onStep } = options;
  const plan = await planOf(request.fromUsers);
  const limit = await openFileLimit(options.signal);
  const { search, bounds } = searchPlanOf(request, plan, limit.reachable);
  await setUp({ log: progress.line, signal: options.signal, need: ['build-k6'] });
  await removeOrphans(progress.line);

  const suffix = request.under === null ? '' : `-${request.under}`;
  const directory = join(runs, `${stampOf(new Date())}-capacity${suffix}`);
  await mkdir(directory, { recursive: true });
  await using abortable = await listenForAbort(directory);
  const signal = AbortSignal.any([options.signal, abortable.signal]);
  const beganMs = performance.now();
  const spentSec = (): number => (performance.now() - beganMs) / 1_000;
  const steps: CapacityStep[] = [];
  const sweepOf = (ended: EndOfSweep): Sweep => ({
    name: basename(directory),
    under: request.under,
    objective: { ...plan.objective, p99MsMax: request.p99MsMax },
    search,
    machine: machineOf(),
    tookSec: Math.round(spentSec()),
    ended,
    beside,
    steps,
  });

  progress.line(`starting a cluster for up to ${search.toUsers} users`);
  const id = `capacity-${randomBytes(3).toString('hex')}`;
  const size = { users: search.toUsers, ...clusterOf(plan), keep: false };
  await using cluster = await startCluster({ id, ...size, log: progress.line, signal });
  const stepping = {
    ...options,
    signal,
    abortable,
    cluster,
    directory,
    openFiles: limit.reachable,
  };
  for (;;) {
    const next = nextStep(bounds, steps, spentSec());
    const ended = next.kind === 'done' ? next.why : 'running';
    const step = next.kind === 'try' ? await takeStep(stepping, next.users) : undefined;
    if (step !== undefined) {
      steps.push(step);
      onStep(step);
    }
    const isOver = next.kind === 'done' || step === undefined;
    const capacity = concludeCapacity(sweepOf(signal.aborted ? 'interrupted' : ended));
    await writeCapacity(directory, capacity);
    if (!isOver && !signal.aborted) continue;
    progress.line('removing the cluster');
    return { directory, capacity };
  }
}

const machineOf = (): Sweep['machine'] => ({
  cores: cpus().length,
  memoryBytes: totalmem(),
  processor: cpus()[0]?.model ?? 'unknown',
});

interface Stepping extends SweepOptions {
  readonly cluster: Cluster;
  readonly abortable: Abortable;
  readonly directory: string;
  readonly openFiles: number;
}

/** One run. Undefined when it was broken off: its directory is there, but it is no step. */
async function takeStep(stepping: Stepping, users: number): Promise<CapacityStep | undefined> {
  const { cluster, abortable, directory, openFiles, progress, request, signal } = stepping;
  const beganMs = performance.now();
  progress.line(`step: ${users} users`);
  const plan = await stepping.planOf(users);
  const { path: run, name: runName } = await createRunDirectory(directory, plan, new Date());
  const nonce = randomBytes(4).toString('hex');
  const shards = shardsOf(plan, openFiles);
  await writeEnvironment({ path: run, name: runName }, cluster, { nonce, shards, openFiles });
  const onEvent = (event: RunEvent): void => {
    progress.onEvent(event);
    if (event.kind === 'run-ended') abortable.healed();
  };
  const observer = { onEvent, onLive: progress.onLive };
  try {
    await runPlan({ run, runName, nonce, plan, cluster, shards, observer, signal });
  } finally {
    await cluster.restore();
  }
  if (signal.aborted) return undefined;
  progress.line('judging');
  const conclusion = await concludeRun(run);
  await writeConclusion(run, conclusion);
  const tookSec = Math.round((performance.now() - beganMs) / 1_000);
  const { p99MsMax } = request;
  return stepOf({ ...conclusion, run: runName, tookSec, p99MsMax });
}
