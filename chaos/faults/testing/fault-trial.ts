/**
 * A fault tried on a real cluster under a little load: it is legal, bites
 * (proven), the service does what the fault expects of it, it lasts until it
 * is healed, healing once more is harmless, and nothing that was acknowledged is missing on any
 * member afterwards.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Cluster } from '../../../cluster/cluster.ts';
import { startCluster, type StartOptions } from '../../../cluster/docker/start-cluster.ts';
import { awaitReplay } from '../../await-replay.ts';
import { plannedFaultSchema } from '../../plan.ts';
import { awaitRedundancy } from '../../redundancy.ts';
import type { Expectation } from '../expectation.ts';
import { type FaultKind, faultOf } from '../index.ts';
import { awaitLegality } from '../legality.ts';
import { awaitFlow, startWriters, type Writers } from './writers.ts';

const { signal } = new AbortController();
/** What keeps going has to keep going for a while. */
const WATCH_MS = 3_000;
const PROOF_MS = 40_000;
const LEGAL_TIMEOUT_MS = 30_000;

export interface Trials extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly writers: Writers;
  whole(): Promise<unknown>;
  /** `options`: the fault's own, as a plan would give them. */
  tryFault(kind: FaultKind, options?: Readonly<Record<string, unknown>>): Promise<Trial>;
}

export interface Trial {
  readonly target: string;
  /** Longest time without an acknowledgement from the strike until it was healed. */
  readonly gapMs: number;
}

export async function startTrials(
  id: string,
  options: Pick<StartOptions, 'movableClocks' | 'roles'> = {},
): Promise<Trials> {
  await using started = new AsyncDisposableStack();
  const cluster = started.use(
    await startCluster({
      ...{ id, users: 20, keep: false, ...options, signal },
      log: () => undefined,
    }),
  );
  const whole = () => awaitRedundancy(cluster, { timeoutMs: 120_000, signal });
  await whole();
  const writers = started.use(await startWriters(cluster));
  await awaitFlow(writers, signal);
  const resources = started.move();
  return {
    cluster,
    writers,
    whole,
    tryFault: (kind, options = {}) => tryFault({ cluster, writers, whole }, kind, options),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function tryFault(
  { cluster, writers, whole }: Pick<Trials, 'cluster' | 'writers' | 'whole'>,
  kind: FaultKind,
  options: Readonly<Record<string, unknown>>,
): Promise<Trial> {
  const fault = faultOf(kind);
  const planned = plannedFaultSchema.parse({ kind, ...options });
  const context = { cluster, signal };
  await awaitFlow(writers, signal);
  // The parts come back one by one after the last fault.
  expect(await awaitLegality(fault, context, LEGAL_TIMEOUT_MS)).toEqual({ kind: 'legal' });
  const target = await fault.target(context, planned);
  const strike = await fault.prepare(context, target, planned);
  const beforeMs = Date.now();
  const active = await strike();
  const afterMs = Date.now();
  const { fromMs, toMs } = active.struck;
  let healedMs: number;
  try {
    // One machine, one clock: it struck between the order and the answer, give or take its rounding.
    expect(fromMs).toBeGreaterThanOrEqual(beforeMs - 1);
    expect(toMs).toBeGreaterThanOrEqual(fromMs);
    expect(toMs).toBeLessThanOrEqual(afterMs + 1);
    const proof = await active.prove(Math.max(PROOF_MS, planned.holdSec * 1_000));
    expect(proof.observations.filter(({ ok }) => !ok)).toEqual([]);
    expect(proof.bitten).toBe(true);
    await pause(Math.max(0, toMs + watchMs(fault.expects) - Date.now()));
    const { observations } = await active.lookAgain();
    expect(observations.filter(({ ok }) => !ok)).toEqual([]);
  } finally {
    healedMs = Date.now();
    await active.heal();
  }
  await whole();
  await awaitFlow(writers, signal);
  await active.heal();
  await whole();
  const gapMs = writers.longestGapMs(fromMs, healedMs);
  console.log(`${kind} on ${target}: longest gap ${gapMs} ms; ${JSON.stringify(fault.expects)}`);
  expectService(fault.expects, writers, { fromMs, healedMs });
  await awaitReplay(cluster, signal);
  const missing = Object.values(await writers.missingRows()).flat();
  expect(missing).toEqual([]);
  return { target, gapMs };
}

/** Until when the service has to be watched before it is healed. */
function watchMs(expects: Expectation): number {
  switch (expects.kind) {
    case 'keeps-going':
      return WATCH_MS;
    case 'recovers':
      // The proof has seen the recovery's cause; the recovery itself is awaited after the heal.
      return WATCH_MS;
    case 'refuses-writes':
      return expects.fromMs + WATCH_MS;
  }
}

function expectService(
  expects: Expectation,
  writers: Writers,
  { fromMs, healedMs }: { readonly fromMs: number; readonly healedMs: number },
): void {
  const nowMs = Date.now();
  switch (expects.kind) {
    case 'keeps-going':
      return expect(writers.longestGapMs(fromMs, healedMs)).toBeLessThan(expects.gapMsMax);
    case 'recovers':
      return expect(writers.longestGapMs(fromMs, nowMs)).toBeLessThan(expects.withinMs);
    case 'refuses-writes':
      expect(writers.acknowledgedWithin(fromMs + expects.fromMs, healedMs)).toBe(0);
      return expect(writers.longestGapMs(healedMs, nowMs)).toBeLessThan(expects.withinMs);
  }
}
