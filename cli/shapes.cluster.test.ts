/** Shapes of load on a real cluster, small: what they promise is kept, and seen to be. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunEvent } from '../chaos/events.ts';
import { planSchema } from '../chaos/plan.ts';
import { readLedgers } from '../chaos/ledger/ledgers.ts';
import { NEVER } from '../chaos/ledger/messages.ts';
import { runPlan } from '../chaos/run.ts';
import { percentile } from '../chaos/statistics.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { startCluster } from '../cluster/docker/start-cluster.ts';
import { setUp } from '../cluster/machine/set-up.ts';
import type { Verdict } from '../reports/verdict.ts';
import { concludeRun } from './conclude-run.ts';
import { writeEnvironment } from './execute-plan.ts';
import { createRunDirectory } from './run-directory.ts';

const { signal } = new AbortController();
let runs: string;
let cluster: Cluster & AsyncDisposable;

beforeAll(async () => {
  const log = (): void => undefined;
  await setUp({ log, signal, need: ['build-k6'] });
  runs = await mkdtemp(join(tmpdir(), 'holdfast-shapes-'));
  const id = `shapes-${randomBytes(3).toString('hex')}`;
  cluster = await startCluster({ id, users: 400, keep: false, log, signal });
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await rm(runs, { recursive: true, force: true });
});

async function runOf(
  shape: object,
  rest: object,
  onEvent: (event: RunEvent) => void = () => undefined,
): Promise<{ run: string; verdict: Verdict }> {
  const plan = planSchema.parse({ shape, connectSec: 2, drainSec: 4, faults: [], ...rest });
  const { path: run, name: runName } = await createRunDirectory(runs, plan, new Date());
  const nonce = randomBytes(4).toString('hex');
  await writeEnvironment({ path: run, name: runName }, cluster, { nonce, shards: 1 });
  const observer = { onEvent, onLive: () => undefined };
  await runPlan({ run, runName, nonce, plan, cluster, shards: 1, observer, signal });
  return { run, verdict: (await concludeRun(run)).verdict };
}

const verdictOf = async (...asked: Parameters<typeof runOf>): Promise<Verdict> =>
  (await runOf(...asked)).verdict;

/** From sending on, the median of each region. */
function acknowledgedAfterMs(run: string, users: number, regions: number): number[] {
  const { messages } = readLedgers(run, { users, nodes: [], toMs: null }).records;
  const tookMs = Array.from({ length: regions }, (): number[] => []);
  messages.acknowledgedMs.forEach((atMs, message) => {
    const region = (message % users) % regions;
    if (atMs !== NEVER) tookMs[region]?.push(atMs - (messages.firstSentMs[message] as number));
  });
  return tookMs.map(
    (ms) =>
      percentile(
        ms.sort((a, b) => a - b),
        50,
      ) ?? Number.NaN,
  );
}

const NOTHING_BROKEN = { lost: 0, duplicated: 0, reordered: 0, phantom: 0, undelivered: 0 };
const kindsOf = ({ checks }: Verdict): Record<string, string> =>
  Object.fromEntries(checks.map(({ id, kind }) => [id, kind]));

test("today's load is offered and acknowledged in whole, and deliveries are timed", async () => {
  const verdict = await verdictOf(
    { kind: 'today' },
    { users: 50, intervalSec: 0.5, steadySec: 8, name: 'today' },
  );
  expect(verdict.reasons).toEqual([]);
  expect(verdict.messages).toMatchObject(NOTHING_BROKEN);
  expect(verdict.rates.offeredHz).toBeCloseTo(100, -1);
  expect(verdict.claims.find(({ id }) => id === 'C04')).toMatchObject({ status: 'held' });
  const { p50, p99, max } = verdict.deliveryMs;
  expect(p50).toBeGreaterThan(0);
  expect(p99).toBeGreaterThanOrEqual(p50 ?? Infinity);
  expect(max).toBeGreaterThanOrEqual(p99 ?? Infinity);
});

test('all users who lose their sockets at once come back, and nothing is missing', async () => {
  const verdict = await verdictOf(
    { kind: 'reconnect-storm', atSec: 2, goneWithinSec: 2, backWithinSec: 10 },
    { users: 200, intervalSec: 2, steadySec: 13, name: 'storm' },
  );
  expect(verdict.reasons).toEqual([]);
  expect(verdict.messages).toMatchObject(NOTHING_BROKEN);
  expect(verdict.checks.find(({ id }) => id === 'reconnect-storm')).toMatchObject({
    kind: 'held',
    counts: { users: 200, gone: 200, late: 0, withGap: 0 },
  });
});

test('a spike of five times the rate is answered without loss', async () => {
  const verdict = await verdictOf(
    { kind: 'spike', times: 5, atSec: 2, lastsSec: 4 },
    { users: 200, intervalSec: 4, steadySec: 8, name: 'spike' },
  );
  expect(verdict.reasons).toEqual([]);
  expect(kindsOf(verdict)).toMatchObject({ lost: 'held', undelivered: 'held', reordered: 'held' });
  // 50 a second, and 250 for four of the eight seconds.
  expect(verdict.messages.offered).toBeGreaterThan(1_100);
  expect(verdict.messages.offered).toBeLessThan(1_300);
});

test('a day in three regions: who is far away hears later, and nothing is missing', async () => {
  const roundTripsMs = { westMs: 100, middleMs: 0, eastMs: 200 };
  const users = 60;
  const { run, verdict } = await runOf(
    { kind: 'european-day', daySec: 24, ...roundTripsMs },
    { users, intervalSec: 4, steadySec: 24, name: 'day' },
  );
  expect(verdict.reasons).toEqual([]);
  expect(verdict.messages).toMatchObject(NOTHING_BROKEN);
  const medians = acknowledgedAfterMs(run, users, Object.keys(roundTripsMs).length);
  const [west, middle, east] = medians as [number, number, number];
  // Once each, and not on both ways.
  expect(west - middle).toBeGreaterThan(70);
  expect(west - middle).toBeLessThan(180);
  expect(east - middle).toBeGreaterThan(170);
  expect(east - middle).toBeLessThan(380);
  expect(middle).toBeLessThan(100);
});

test('users who stop reading for a while miss nothing, and what they are shown is looked at too', async () => {
  const verdict = await verdictOf(
    { kind: 'slow-readers', readers: 10, members: 30, atSec: 2, lastsSec: 4, p99TimesMax: 1_000 },
    // Every tenth user listens, so one of the slow ones does.
    { users: 100, intervalSec: 1, steadySec: 10, name: 'slow-readers' },
  );
  expect(verdict.messages).toMatchObject(NOTHING_BROKEN);
  expect(kindsOf(verdict)).toMatchObject({ undelivered: 'held', 'wrong-delivery': 'held' });
});

/** A user gives an attempt up after 30 s. */
const FROZEN_MS = 36_000;

test('users whose attempts to come back are never answered stop nobody else, and come back elsewhere', async () => {
  const balancer = 'edge1/balancer-1';
  let thawed: Promise<void> | undefined;
  // Frozen, its port still takes connections, and says nothing.
  const freeze = async (): Promise<void> => {
    await cluster.signalProcess(balancer, 'SIGSTOP');
    await wait(FROZEN_MS);
    await cluster.signalProcess(balancer, 'SIGCONT');
  };
  const verdict = await verdictOf(
    { kind: 'reconnect-storm', atSec: 4, goneWithinSec: 1, backWithinSec: 44 },
    { users: 60, intervalSec: 1, steadySec: 50, name: 'unanswered' },
    (event) => {
      if (event.kind === 'window-began') thawed = wait(2_500).then(freeze);
    },
  );
  await thawed;
  expect(thawed).toBeDefined();
  expect(verdict.messages).toMatchObject({ ...NOTHING_BROKEN, ambiguous: 0 });
  const unmet = verdict.preconditions.filter(({ met }) => !met).map(({ id }) => id);
  expect(unmet).not.toContain('event-loop-lag');
  expect(unmet).not.toContain('shards-finished');
  expect(kindsOf(verdict)['reconnect-storm']).toBe('held');
});
