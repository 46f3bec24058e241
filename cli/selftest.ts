/**
 * The tester, tested: the service is run on a small cluster as it is and with
 * each sabotage, and judged by the very code of `holdfast check`. A sabotage
 * counts as found only for the right reason, and only if the same run without
 * it is green.
 *
 * A run mostly waits, so two clusters work side by side where there are cores
 * for them; each has its own controls.
 */
import { randomBytes } from 'node:crypto';
import { cp, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../cluster/cluster.ts';
import { removeOrphans } from '../cluster/docker/remove-cluster.ts';
import { startCluster } from '../cluster/docker/start-cluster.ts';
import { setUp } from '../cluster/machine/set-up.ts';
import { inRun, runFiles } from '../chaos/run-directory.ts';
import { runPlan } from '../chaos/run.ts';
import { findingOf, isGreen, wasTooBusy, type Finding } from '../chaos/sabotage/finding.ts';
import { ownBuild, type Deployed } from '../chaos/sabotage/own-build.ts';
import type { Circumstances, Rig, Sabotage } from '../chaos/sabotage/sabotage.ts';
import { lanesOf, turnsOf, type Turn } from '../chaos/sabotage/sequence.ts';
import { SHARDS, smallPlan } from '../chaos/sabotage/small-plan.ts';
import { setStage } from '../chaos/sabotage/stage.ts';
import type { Verdict } from '../reports/verdict.ts';
import { concludeRun, writeConclusion } from './conclude-run.ts';
import { writeEnvironment } from './execute-plan.ts';
import type { Progress } from './progress.ts';
import { createRunDirectory } from './run-directory.ts';

/** What came of a turn; `broken`: it could not be carried out, so nothing was shown. */
export type Outcome =
  | Finding
  | { readonly kind: 'green' }
  /** The generators had no time to keep up: neither green nor red. */
  | { readonly kind: 'too-busy'; readonly reasons: readonly string[] }
  | { readonly kind: 'not-green'; readonly reasons: readonly string[] }
  | { readonly kind: 'broken'; readonly reason: string };

export interface TurnReport {
  readonly name: string;
  readonly isControl: boolean;
  readonly breaks: string;
  readonly outcome: Outcome;
  /** From the first step of its run to its verdict. */
  readonly tookSec: number;
  /** Its run directory; '' where it came to none. */
  readonly run: string;
}

/** Three in a row that are too busy say that this machine is not fit for it. */
const TAKES_MAX = 3;

export interface SelftestOptions {
  readonly sabotages: readonly Sabotage[];
  /** Parent of all run directories. */
  readonly runs: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly onTurn: (report: TurnReport, left: number) => void;
}

/** One cluster takes some half a core, and a judgement a whole one for a second. */
const LANES_MAX = 2;

export async function runSelftest(options: SelftestOptions): Promise<readonly TurnReport[]> {
  const { progress, sabotages, onTurn } = options;
  const log = progress.line;
  await setUp({ log, signal: options.signal, need: ['build-k6'] });
  await removeOrphans(log);
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const lanes = lanesOf(sabotages, Math.min(LANES_MAX, availableParallelism())).map(turnsOf);
  let left = lanes.flat().length;
  const counting = { ...options, signal, onTurn: (report: TurnReport) => onTurn(report, --left) };
  const reports = lanes.map((turns, lane) =>
    // Two controls may begin in the same second, and a run's directory is named by it.
    takeTurns({ ...counting, runs: join(options.runs, String(lane + 1)) }, turns).catch(
      (error: unknown) => {
        failed.abort(error);
        throw error;
      },
    ),
  );
  await Promise.allSettled(reports);
  return (await Promise.all(reports)).flat();
}

/** One turn after the other, on a cluster of their own. */
async function takeTurns(
  options: Omit<SelftestOptions, 'onTurn'> & { readonly onTurn: (report: TurnReport) => void },
  turns: readonly Turn[],
): Promise<readonly TurnReport[]> {
  const { progress, signal } = options;
  const log = progress.line;
  log('starting the cluster');
  const id = `selftest-${randomBytes(3).toString('hex')}`;
  await using cluster = await startCluster({ id, users: 100, keep: false, log, signal });
  const reports: TurnReport[] = [];
  const honest = new Map<string, string>();
  const turning = { ...options, cluster, honest, deployed: { isOwn: true } };
  for (const turn of turns) {
    if (signal.aborted) break;
    const report = await takeTurnAgain(turning, turn);
    if (turn.kind === 'control') honest.set(turn.circumstances.name, report.run);
    reports.push(report);
    options.onTurn(report);
  }
  log('removing the cluster');
  return reports;
}

interface Turning extends Omit<SelftestOptions, 'onTurn'> {
  readonly cluster: Cluster;
  readonly deployed: Deployed;
  /** Run directories of the controls by the name of their circumstances. */
  readonly honest: ReadonlyMap<string, string>;
}

/** A control that the machine had no time for is taken again; a sabotage never is. */
async function takeTurnAgain(turning: Turning, turn: Turn): Promise<TurnReport> {
  for (let takes = 1; ; takes++) {
    const report = await takeTurn(turning, turn);
    if (report.outcome.kind !== 'too-busy' || takes === TAKES_MAX) return report;
    turning.progress.line(`${report.name}: too busy a machine; once more`);
  }
}

async function takeTurn(turning: Turning, turn: Turn): Promise<TurnReport> {
  const beganMs = performance.now();
  const isControl = turn.kind === 'control';
  const name = isControl ? `control-${turn.circumstances.name}` : turn.sabotage.name;
  const breaks = isControl ? 'Nothing: has to be green.' : turn.sabotage.breaks;
  turning.progress.line(`${name}: ${breaks}`);
  let run = '';
  let outcome: Outcome;
  try {
    run = await runOf(turning, turn, name);
    const conclusion = await concludeRun(run);
    await writeConclusion(run, conclusion);
    outcome = isControl
      ? controlOutcome(turn.circumstances, conclusion.verdict)
      : findingOf(turn.sabotage.expects, conclusion.verdict);
  } catch (error) {
    turning.signal.throwIfAborted();
    outcome = { kind: 'broken', reason: error instanceof Error ? error.message : String(error) };
  }
  const tookSec = (performance.now() - beganMs) / 1_000;
  return { name, isControl, breaks, outcome, tookSec, run };
}

/** The run directory to be judged. */
async function runOf(turning: Turning, turn: Turn, name: string): Promise<string> {
  if (turn.kind === 'control') return play(turning, name, turn.circumstances, []);
  const { circumstances, rigs, afterwards } = turn.sabotage;
  const run =
    rigs.length > 0
      ? await play(turning, name, circumstances, rigs)
      : await copyRun(turning, name, circumstances);
  await afterwards?.(run);
  return run;
}

/** The evidence of the control in these circumstances, without what was concluded from it. */
async function copyRun(
  { runs, honest }: Turning,
  name: string,
  circumstances: Circumstances,
): Promise<string> {
  const run = await createRunDirectory(runs, smallPlan(name, circumstances), new Date());
  await cp(honest.get(circumstances.name) ?? '', run.path, { recursive: true });
  await Promise.all(CONCLUDED.map((file) => rm(inRun(run.path, file), { force: true })));
  return run.path;
}

const CONCLUDED = [
  runFiles.manifest,
  runFiles.verdict,
  runFiles.series,
  runFiles.report,
  runFiles.junit,
  runFiles.summary,
];

function controlOutcome(circumstances: Circumstances, verdict: Verdict): Outcome {
  const { reasons } = verdict;
  if (isGreen(circumstances, verdict)) return { kind: 'green' };
  return { kind: wasTooBusy(circumstances, verdict) ? 'too-busy' : 'not-green', reasons };
}

/** One run with these rigs. The cluster is whole again afterwards. */
async function play(
  { cluster, deployed, runs, progress, signal }: Turning,
  name: string,
  circumstances: Circumstances,
  rigs: readonly Rig[],
): Promise<string> {
  const plan = smallPlan(name, circumstances);
  const { path: run, name: runName } = await createRunDirectory(runs, plan, new Date());
  const nonce = randomBytes(4).toString('hex');
  await writeEnvironment({ path: run, name: runName }, cluster, { nonce, shards: SHARDS });
  const stage = setStage(cluster, [ownBuild(deployed), ...rigs, ...circumstances.rigs], signal);
  const observer = { onEvent: stage.onEvent, onLive: progress.onLive };
  try {
    const shards = SHARDS;
    await runPlan({ run, runName, nonce, plan, cluster: stage.cluster, shards, observer, signal });
  } finally {
    await stage.end().finally(() => cluster.restore());
  }
  signal.throwIfAborted();
  return run;
}
