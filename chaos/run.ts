/**
 * One run, from a cluster that is up to a run directory that can be judged:
 * preflight, load, campaign, drain, collection. Everything that is learned is
 * appended to the run directory at once; nothing here concludes anything.
 */
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import type { Population } from '../scenarios/population.ts';
import { failuresOf, HoldfastError, reasonOfAll } from '../cluster/errors.ts';
import { pollUntil } from '../cluster/await.ts';
import { tryBalancerRates } from './balancer-rates.ts';
import { runCampaign } from './campaign.ts';
import { collectRows, compareClocks } from './collect.ts';
import { openEventLog, type EventLog } from './event-log.ts';
import type { RunEvent } from './events.ts';
import { tryFlood } from './flood.ts';
import { tryHistoryCost } from './history-cost.ts';
import { openLiveLedger, type LiveLedger } from './live-ledger.ts';
import { awaitShards, startLoad, type Load } from './load.ts';
import type { Plan } from './plan.ts';
import { populationOf } from './shaped.ts';
import { awaitRedundancy } from './redundancy.ts';
import { tryRefusals } from './refusals.ts';
import { inRun, runFiles } from './run-directory.ts';
import { sampleUsage } from './sampler.ts';
import { growthOf, readCounters } from './service-counters.ts';
import { watchStopConditions } from './stop-conditions.ts';
import { watchDatabase } from './watch.ts';
import { createWatchdog, type Watchdog } from './watchdog/watchdog.ts';

const LIVE_EVERY_MS = 500;
/** What is under way at the end of the load is waited for as long as so many drains. */
const UNDER_WAY_DRAINS_MAX = 6;
/** A straggler gives its attempt up after 30 s and makes another. */
const CONNECTED_TIMEOUT_MS = 45_000;
/**
 * Generators write their last lines and close 10,000 sockets each. Whoever is still connecting keeps
 * k6 until that has failed, which it does after 60 s.
 */
const SHARDS_END_MS = 90_000;

/** What somebody who watches a run is told. */
export interface RunObserver {
  onEvent(event: RunEvent): void;
  /** Twice a second while there is load. */
  onLive(live: LiveLedger): void;
}

export interface RunOptions {
  /** The run directory; exists already, with `plan.json` and `environment.json`. */
  readonly run: string;
  readonly runName: string;
  /** First part of every message key. */
  readonly nonce: string;
  readonly plan: Plan;
  readonly cluster: Cluster;
  readonly shards: number;
  readonly observer: RunObserver;
  readonly signal: AbortSignal;
}

/** Runs the plan. Resolves also when it was interrupted: then the event log says so. */
export async function runPlan(options: RunOptions): Promise<void> {
  const { run, runName, cluster, observer, signal } = options;
  await mkdir(inRun(run, runFiles.ledger), { recursive: true });
  await mkdir(inRun(run, runFiles.metrics), { recursive: true });
  using log = openEventLog(run, (event) => observer.onEvent(event));
  log.write({ kind: 'run-started', run: runName, pid: process.pid });
  // Outlives the restoration below, so that somebody still watches when that fails.
  await using watchdog = createWatchdog(cluster.id, run);
  try {
    await runPhases({ ...options, log, watchdog });
    log.write({ kind: 'run-ended', complete: true });
  } catch (error) {
    const [first, ...later] = failuresOf(error);
    const cause: unknown = signal.aborted ? signal.reason : causeOf(first);
    log.write({ kind: 'interrupted', reason: reasonOfAll([cause, ...later]) });
    await cluster.restore();
    watchdog.disarm();
    log.write({ kind: 'run-ended', complete: false });
    // The evidence so far can be judged: what stopped the run makes it inconclusive, with this reason.
    if (!signal.aborted && !(cause instanceof HoldfastError)) throw error;
  }
}

/** A run that has begun. */
interface Running extends RunOptions {
  readonly log: EventLog;
  readonly watchdog: Watchdog;
}

async function runPhases(running: Running): Promise<void> {
  const { run, runName, plan, cluster, signal, log } = running;
  log.write({ kind: 'phase', phase: 'preflight' });
  const population = populationOf(plan);
  await writeFile(inRun(run, runFiles.population), '');
  await appendFile(
    inRun(run, runFiles.population),
    population.channels.map((channel) => `${JSON.stringify(channel)}\n`).join(''),
  );
  await awaitRedundancy(cluster, { timeoutMs: 60_000, signal });
  await cluster.prepareChat(population.channels);
  await compareClocks(cluster, log);

  await underObservation(running, population);
  log.write({ kind: 'phase', phase: 'collect' });
  log.write({
    kind: 'counted',
    step: 'load',
    grew: growthOf(new Map(), await readCounters(cluster)),
  });
  await collectRows(cluster, run, runName, log, signal);
  await tryRefusals(cluster, population, log);
  if (plan.probes) {
    await tryHistoryCost(cluster, population, log);
    await tryFlood(cluster, population, log);
    await tryBalancerRates(cluster, log);
  }
  await compareClocks(cluster, log);
}

/** Everything that happens while the watch and the sampler look on. */
async function underObservation(running: Running, population: Population): Promise<void> {
  const { run, plan, cluster, observer, log } = running;
  await using _watch = watchDatabase(cluster, log);
  await using _usage = sampleUsage(cluster, run, log);
  log.write({ kind: 'phase', phase: 'connect' });
  await using load = await startLoad({ ...running, population });
  using live = openLiveLedger(run, load, plan);
  using _ticker = every(LIVE_EVERY_MS, () => {
    live.update();
    observer.onLive(live);
  });
  await putUnderLoad(running, load, live);
}

function every(intervalMs: number, action: () => void): Disposable {
  const timer = setInterval(action, intervalMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

async function putUnderLoad(
  { plan, cluster, log, watchdog, signal: interrupted }: Running,
  load: Load,
  live: LiveLedger,
): Promise<void> {
  await pause(Math.max(0, load.sendFromMs - Date.now()), undefined, { signal: interrupted });
  const connected = await pollUntil(
    () => ({ met: live.connected === plan.users, seen: `${live.connected} of ${plan.users}` }),
    { timeoutMs: CONNECTED_TIMEOUT_MS, everyMs: LIVE_EVERY_MS, signal: interrupted },
  );
  if (!connected.met) {
    throw new HoldfastError({
      code: 'users-not-connected',
      message: `waited ${CONNECTED_TIMEOUT_MS / 1_000} s after the connect phase for all users; last seen: ${connected.seen} connected`,
      remedy:
        'the logs of the balancers and chat servers say who refused them; fewer --users; --keep to look around',
    });
  }
  log.write({ kind: 'phase', phase: 'steady' });
  log.write({ kind: 'window-began' }, load.sendFromMs);
  using stop = watchStopConditions(plan, live);
  const signal = AbortSignal.any([interrupted, stop.signal]);
  await pause(plan.steadySec * 1_000, undefined, { signal });
  if (plan.faults.length > 0) {
    log.write({ kind: 'phase', phase: 'campaign' });
    await runCampaign({ plan, cluster, log, load, live, watchdog, signal });
  }
  const stopAtMs = Date.now();
  log.write({ kind: 'window-ended' }, stopAtMs);
  log.write({ kind: 'phase', phase: 'drain' });
  load.tell({ kind: 'stop', stopAtMs });
  const drainMs = plan.drainSec * 1_000;
  // After a long outage it takes its time; what is still under way then is ambiguous.
  await pollUntil(() => ({ met: live.outstanding === 0, seen: `${live.outstanding} under way` }), {
    timeoutMs: UNDER_WAY_DRAINS_MAX * drainMs,
    everyMs: LIVE_EVERY_MS,
    signal,
  });
  load.tell({ kind: 'finish', finishAtMs: Date.now() + drainMs });
  await pause(drainMs, undefined, { signal });
  await awaitShards(load, SHARDS_END_MS);
}

/** A wait that was broken off says why in its cause. */
const causeOf = (error: unknown): unknown =>
  error instanceof Error && error.name === 'AbortError' ? error.cause : error;
