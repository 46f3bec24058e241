/**
 * Judges a run from its directory alone: reads the ledgers and the event log,
 * asks every checker, and puts every figure together. No clock, no network, no
 * randomness: the same directory gives the same findings on any machine, at
 * any time, so that somebody else can check a verdict.
 *
 * It finds; it does not conclude. `reports/verdict.ts` turns findings into a
 * verdict.
 *
 * Limits: everything is held in memory: about 250 bytes a message.
 */
import { basename, resolve } from 'node:path';
import { shapedLoadOf } from '../scenarios/shapes/index.ts';
import { checkAll, type Checked } from './checkers/index.ts';
import { refusals } from './checkers/refusals.ts';
import type { CheckResult, Findings, MessageCounts, Series } from './findings.ts';
import { elsewhereOf, ofDatabase, rowsByDatabase } from './judge/by-database.ts';
import { availableAtBest } from './judge/blur.ts';
import { busyMachine } from './judge/busy-machine.ts';
import { acknowledgementTimes, lowerBound, outcomesOf, type Outcomes } from './judge/outcomes.ts';
import type { Evidence } from './judge/evidence.ts';
import { deliveryPercentiles } from './judge/delivery-percentiles.ts';
import { expectationsCheck } from './judge/expectations.ts';
import { EVIDENCE_PRECONDITIONS } from './judge/evidence-preconditions.ts';
import { falseFailovers } from './judge/false-failovers.ts';
import { faultPreconditions } from './judge/fault-preconditions.ts';
import { generatorClocks } from './judge/generator-clocks.ts';
import { faultReport, isoTime, userSecondsLost } from './judge/fault-report.ts';
import { generatorCpu } from './judge/generator-cpu.ts';
import { readPlan, readRunEnvironment } from './judge/inputs.ts';
import { latencyObjective } from './judge/latency-objective.ts';
import { LOAD_PRECONDITIONS } from './judge/load-preconditions.ts';
import { observeCluster, type ObservedCluster } from './judge/observed-cluster.ts';
import { figuresByPhase, phasesOf } from './judge/phases.ts';
import { recoveryOf } from './judge/recovery.ts';
import { saltNoticed } from './judge/salt/salt.ts';
import { seriesOf } from './judge/series.ts';
import { bandsOf, shapeChecks, timesAway } from './judge/shape/shape-checks.ts';
import { timesCutOff } from './judge/cut-off.ts';
import { faultSpans, windowOf, type FaultSpan } from './judge/timeline.ts';
import { worstDiskWait } from './judge/worst-disk-wait.ts';
import { eventsOf, readEvents } from './ledger/events.ts';
import { completeRows, readLedgers, type Ledgers } from './ledger/ledgers.ts';
import { messageCount, wasAcknowledged, wasSent } from './ledger/messages.ts';
import { readUsage } from './ledger/usage.ts';
import { dueFaults } from './planned-faults.ts';
import { inRun, runFiles } from './run-directory.ts';
import { counts } from './shaped.ts';
import { binomialUpperBound } from './statistics.ts';

const NO_PERCENTILES = { p50: null, p95: null, p99: null, max: null };

export interface Judgement {
  readonly findings: Findings;
  readonly series: Series;
  /** What the claims about the cluster itself are judged from. */
  readonly observed: ObservedCluster;
}

export async function judge(runDirectory: string): Promise<Judgement> {
  const given = readPlan(runDirectory);
  const { objective } = given;
  const { events, problems: eventProblems } = readEvents(inRun(runDirectory, runFiles.events));
  const skipped = eventsOf(events, 'fault-skipped');
  const due = dueFaults(
    given,
    skipped.map(({ place }) => place),
  );
  const plan = { ...given, faults: due };
  const window = windowOf(events);
  const { databaseNodes, databaseOfNode, cores } = readRunEnvironment(runDirectory);
  const ledgers = readLedgers(runDirectory, {
    users: plan.users,
    nodes: databaseNodes,
    databases: plan.databases,
    databaseOfNode,
    toMs: window?.toMs ?? null,
  });
  const usage = readUsage(inRun(runDirectory, runFiles.usage));
  const outcomes = window === null ? null : outcomesOf(ledgers, window, objective, counts(plan));
  const acknowledgedAtMs = acknowledgementTimes(ledgers);
  const spans = faultSpans(events, databaseOfNode).map((span) => {
    const stricken = ofDatabase(ledgers, outcomes, span.database);
    return {
      ...span,
      stricken: stricken.ledgers,
      recovery: recoveryOf(stricken.ledgers, stricken.outcomes, span),
      elsewhere: elsewhereOf(ledgers, outcomes, span),
    };
  });
  const endedMs = events.at(-1)?.atMs ?? 0;
  const faults = spans.map((span, index) =>
    faultReport(span.stricken, outcomes, span, {
      asSentMs: objective.asSentMs,
      objective: objective.availability,
      around: { window, nextStruckMs: spans[index + 1]?.struckMs ?? null, endedMs },
    }),
  );
  const { sendFromMs } = ledgers.schedule;
  const away = [...timesCutOff(spans), ...timesAway(plan, sendFromMs)];
  const observed = observeCluster(events, ledgers, window, away, usage);
  const evidence: Evidence = {
    plan,
    events,
    eventProblems,
    ledgers,
    window,
    outcomes,
    observed,
    spans,
    faults,
    usage,
    cores,
  };
  const checked = checkAll(ledgers);
  const preconditions = [
    ...EVIDENCE_PRECONDITIONS.map((each) => each(evidence)),
    generatorClocks(evidence),
    ...LOAD_PRECONDITIONS.map((each) => each(evidence)),
    generatorCpu(evidence),
    ...faultPreconditions(evidence),
    saltNoticed(runDirectory, ledgers, checked, plan.seed),
  ];
  const figures = outcomes === null ? null : figuresByPhase(outcomes, phasesOf(spans));
  const latencyMs = figures?.latencyMs ?? NO_PERCENTILES;
  const deliveryMs = deliveryPercentiles(ledgers.records.deliveryTimes);
  const checks = [
    ...checked.checks,
    refusals(events, ledgers),
    expectationsCheck(faults, preconditions),
    falseFailovers(events, spans, window, preconditions),
    ...latencyObjective(
      objective,
      latencyMs,
      deliveryMs,
      preconditions,
      worstDiskWait(events, window),
    ),
    ...shapeChecks(evidence, preconditions),
  ];
  const findings: Findings = {
    run: eventsOf(events, 'run-started')[0]?.run ?? basename(resolve(runDirectory)),
    plan: {
      name: plan.name,
      seed: plan.seed,
      users: plan.users,
      intervalSec: plan.intervalSec,
      shape: plan.shape.kind,
      roundTripsMs: shapedLoadOf(plan).roundTripsMs,
      faults: plan.faults.map(({ kind }) => kind),
      guard: plan.guard,
      databases: plan.databases,
    },
    window: {
      from: isoTime(window?.fromMs ?? null),
      to: isoTime(window?.toMs ?? null),
      seconds: window === null ? 0 : (window.toMs - window.fromMs) / 1_000,
    },
    preconditions,
    checks,
    messages: countMessages(ledgers, outcomes, checks),
    deliveries: deliveriesOf(ledgers, checked),
    writes: writesOf(ledgers),
    rates: ratesOf(
      outcomes,
      acknowledgedAtMs,
      eventsOf(events, 'steady-state')[0]?.atMs ?? Infinity,
    ),
    machine: busyMachine(events, window),
    availability: {
      objective: objective.availability,
      deadlineMs: objective.deadlineMs,
      asSentMs: objective.asSentMs,
      asSent: figures?.whole.asSent ?? null,
      withRetries: figures?.whole.withRetries ?? null,
      withRetriesAtBest:
        outcomes === null ? null : availableAtBest(ledgers, outcomes, objective.deadlineMs),
      userSecondsLost:
        outcomes === null
          ? 0
          : userSecondsLost(outcomes, objective.asSentMs, window?.fromMs ?? 0, Infinity),
      byPhase: figures?.byPhase ?? {},
    },
    deliveryMs,
    latencyMs,
    latencyAsSentMs: figures?.latencyAsSentMs ?? NO_PERCENTILES,
    latencyByPhaseMs: figures?.latencyByPhaseMs ?? {},
    latencyAsSentByPhaseMs: figures?.latencyAsSentByPhaseMs ?? {},
    faults,
    skipped: skipped.map(({ id, fault, why }) => ({ id, kind: fault, why })),
    confidence: confidenceOf(ledgers, spans, checked),
  };
  return {
    findings,
    series: withBands(
      seriesOf(events, outcomes, acknowledgedAtMs, spans, usage),
      window === null ? [] : bandsOf(plan, sendFromMs),
    ),
    observed,
  };
}

const withBands = (series: Series, own: Series['bands']): Series =>
  own.length === 0 ? series : { ...series, bands: [...own, ...series.bands] };

/** `offered`: what users meant to send in the window, and everything that was sent outside it. */
function countMessages(
  ledgers: Ledgers,
  outcomes: Outcomes | null,
  checks: readonly CheckResult[],
): MessageCounts {
  const { messages } = ledgers.records;
  let [sent, acknowledged] = [0, 0];
  for (let message = 0; message < messageCount(messages); message++) {
    if (wasSent(messages, message)) sent++;
    if (wasAcknowledged(messages, message)) acknowledged++;
  }
  const neverSent = outcomes === null ? 0 : outcomes.count - outcomes.sent;
  const count = (id: string, name: string): number =>
    checks.find((check) => check.id === id)?.counts[name] ?? 0;
  return {
    offered: sent + neverSent,
    acknowledged,
    lost: count('lost', 'lost'),
    duplicated: count('duplicated', 'duplicated'),
    reordered: count('reordered', 'reordered'),
    phantom: count('phantom', 'phantom'),
    undelivered: count('undelivered', 'undelivered'),
    deliveredTwice: count('delivered-twice', 'deliveredTwice'),
    ambiguous: count('ambiguous', 'ambiguous'),
  };
}

function deliveriesOf(ledgers: Ledgers, { delivered }: Checked): Findings['deliveries'] {
  const { received, expected } = delivered;
  const { rows } = writesOf(ledgers);
  return { received, expected, fanOut: rows === 0 ? null : expected / rows };
}

function writesOf(ledgers: Ledgers): Findings['writes'] {
  const byDatabase = rowsByDatabase(ledgers);
  const nodes = completeRows(ledgers).length / ledgers.databases;
  return { rows: byDatabase.reduce((sum, rows) => sum + rows, 0), nodes, byDatabase };
}

function ratesOf(
  outcomes: Outcomes | null,
  acknowledgedAtMs: Int32Array,
  steadyToMs: number,
): Findings['rates'] {
  if (outcomes === null) return { offeredHz: null, acknowledgedHz: null, steadyHz: null };
  const { window, baseMs } = outcomes;
  const seconds = (window.toMs - window.fromMs) / 1_000;
  const acknowledged =
    lowerBound(acknowledgedAtMs, window.toMs - baseMs) -
    lowerBound(acknowledgedAtMs, window.fromMs - baseMs);
  const steadySec = (Math.min(steadyToMs, window.toMs) - window.fromMs) / 1_000;
  const steady = outcomes.intendedMs.reduce(
    (count, atMs) => (atMs + baseMs < steadyToMs ? count + 1 : count),
    0,
  );
  return {
    offeredHz: outcomes.count / seconds,
    acknowledgedHz: acknowledged / seconds,
    steadyHz: steadySec > 0 ? steady / steadySec : null,
  };
}

/**
 * Failovers are counted, not messages: what may go wrong goes wrong once a
 * failover. A lost message is put down to the first failover that was not over
 * when it was acknowledged: an outage loses what was acknowledged before it.
 */
function confidenceOf(
  ledgers: Ledgers,
  spans: readonly FaultSpan[],
  { checks, lost }: Checked,
): Findings['confidence'] {
  const failovers = spans.filter(({ newPrimary }) => newPrimary !== null);
  const { acknowledgedMs } = ledgers.records.messages;
  const losing = new Set(
    lost.flatMap(({ message }) => {
      const atMs = (acknowledgedMs[message] as number) + ledgers.baseMs;
      return failovers.find(({ overMs }) => atMs <= overMs) ?? [];
    }),
  ).size;
  const known = checks.find((check) => check.id === 'lost')?.kind !== 'unknown';
  return {
    failovers: failovers.length,
    losing,
    upperBound95: known ? binomialUpperBound(losing, failovers.length) : null,
  };
}
