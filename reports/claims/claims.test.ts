import { expect, test } from 'vitest';
import type { FaultReport, Findings } from '../../chaos/findings.ts';
import type { ObservedCluster } from '../../chaos/judge/observed-cluster.ts';
import { judge } from '../../chaos/judge.ts';
import { cleanHistory } from '../../chaos/ledger/run-history.fixture.ts';
import { twoDatabases } from '../../chaos/ledger/two-databases.fixture.ts';
import { withRun } from '../../chaos/ledger/written-history.fixture.ts';
import type { ClaimEvidence } from './claim.ts';
import { CLAIMS, judgeClaims } from './index.ts';

const smallRun = (): Promise<ClaimEvidence> =>
  withRun(cleanHistory({ users: 40, perUser: 20, faultAtMs: 8_000 }), judge);

/** The same run, with figures of the mission's size in place of its own. */
async function run(
  findings: Partial<Findings>,
  observed: Partial<ObservedCluster> = {},
): Promise<ClaimEvidence> {
  const small = await smallRun();
  return {
    findings: { ...small.findings, ...findings },
    observed: { ...small.observed, ...observed },
  };
}

const statusOf = (evidence: ClaimEvidence, id: string) =>
  judgeClaims(evidence).find((claim) => claim.id === id);

test('lists every claim of the mission once', async () => {
  expect(CLAIMS).toHaveLength(33);
  expect(new Set(CLAIMS.map(({ id }) => id)).size).toBe(33);
  const reports = judgeClaims(await smallRun());
  for (const { measured, required, evidence } of reports) {
    expect([measured, required, evidence]).not.toContain('');
  }
  expect(reports.filter(({ status }) => status === 'held').map(({ id }) => id)).toEqual([
    'C03',
    'C10',
    'C11',
    'C12',
    'C21',
  ]);
});

test('a small run says its size wherever it holds a claim about the load, and holds none about 20,000', async () => {
  const small = await smallRun();
  for (const id of ['C03', 'C11', 'C12', 'C21']) {
    expect(statusOf(small, id)?.measured).toContain('at 40 users');
  }
  expect(statusOf(small, 'C01')).toMatchObject({
    status: 'not-tested',
    evidence: 'this run was made with 40 users',
  });
  expect(statusOf(small, 'C02')).toMatchObject({
    status: 'not-tested',
    measured: '800 offered (20.0/s), 800 acknowledged (20.0/s), 0 lost',
  });
});

test('holds the volume only with 1.2 million offered at the rate of the mission', async () => {
  const { findings } = await smallRun();
  const messages = { ...findings.messages, offered: 1_200_000, acknowledged: 1_200_000 };
  const rates = { offeredHz: 333.3, acknowledgedHz: 333.2, steadyHz: 333.3 };
  expect(statusOf(await run({ messages, rates }), 'C02')?.status).toBe('held');
  const slow = { offeredHz: 333.3, acknowledgedHz: 200, steadyHz: 333.3 };
  expect(statusOf(await run({ messages, rates: slow }), 'C02')?.status).toBe('refuted');
  const short = { ...messages, offered: 1_199_999 };
  expect(statusOf(await run({ messages: short, rates }), 'C02')?.status).toBe('not-tested');
});

test('holds 20,000 users only when they stayed', async () => {
  const { findings } = await smallRun();
  const plan = { ...findings.plan, users: 20_000 };
  expect(statusOf(await run({ plan }), 'C01')?.status).toBe('held');
  const fell = findings.preconditions.map((each) =>
    each.id === 'plateau-held' ? { ...each, met: false } : each,
  );
  expect(statusOf(await run({ plan, preconditions: fell }), 'C01')?.status).toBe('refuted');
});

test('refutes one primary when a replica takes a write, or two are primary', async () => {
  const taken = { replicaWrites: [{ node: 'db2', refused: false }] };
  expect(statusOf(await run({}, taken), 'C10')?.status).toBe('refuted');
  const split = {
    roles: { db1: 'primary', db2: 'primary', db3: 'replica', db4: 'replica' } as const,
  };
  expect(statusOf(await run({}, split), 'C10')?.status).toBe('refuted');
  expect(statusOf(await run({}, { roles: {} }), 'C10')?.status).toBe('not-tested');
});

test('holds the balancer’s rates against the mission’s figures and the need', async () => {
  const tried = (requestsPerCpuSec: number) => ({
    balancer: { requests: 2 * requestsPerCpuSec, cpuSec: 2, requestsPerCpuSec },
  });
  expect(statusOf(await smallRun(), 'C30')?.status).toBe('not-tested');
  const { findings } = await smallRun();
  const plan = { ...findings.plan, users: 20_000, intervalSec: 60 };
  const deliveries = { ...findings.deliveries, fanOut: 20 };
  expect(statusOf(await run({ plan, deliveries }, tried(50_000)), 'C30')).toMatchObject({
    status: 'held',
    measured:
      '50,000 requests for each second of one CPU, so 200,000/s on two edges of 2 CPUs; 7,000 frames/s are needed, 3.5 % of what two edges do',
  });
  expect(statusOf(await run({ plan }, tried(24_000)), 'C30')?.status).toBe('refuted');
});

test('holds sharding when the others did not notice that one had lost its primary', async () => {
  const history = twoDatabases({ users: 60, perUser: 6, faultAtMs: 4_000 });
  const { findings, observed } = await withRun(history, judge);
  const sharding = (change: (fault: FaultReport) => FaultReport, databases = 2) => {
    const plan = { ...findings.plan, databases };
    const changed = { ...findings, plan, faults: findings.faults.map(change) };
    return judgeClaims({ findings: changed, observed }).find(({ id }) => id === 'C62')?.status;
  };
  expect(sharding((fault) => fault)).toBe('held');
  const slow = { messages: 50, asSent: 0.98, withRetries: 1, longestGapMs: 40 };
  expect(sharding((fault) => ({ ...fault, elsewhere: slow }))).toBe('refuted');
  const silent = { ...slow, asSent: 1, longestGapMs: 1_400 };
  expect(sharding((fault) => ({ ...fault, elsewhere: silent }))).toBe('refuted');
  expect(sharding((fault) => ({ ...fault, newPrimary: null }))).toBe('not-tested');
  expect(sharding((fault) => fault, 1)).toBe('not-tested');
});

test('refutes automatic failover when the new primary came only after the heal', async () => {
  const { findings } = await smallRun();
  const faults = findings.faults.map((fault) => ({
    ...fault,
    recoveryMs: { ...fault.recoveryMs, promoted: 9_000 },
  }));
  expect(statusOf(await run({ faults }), 'C12')?.status).toBe('refuted');
  expect(statusOf(await run({ faults: [] }), 'C12')?.status).toBe('not-tested');
});

test('refutes even load when one server holds over 1.2 times the mean', async () => {
  const uneven = { socketsByServer: { app1: 50, app2: 20, app3: 20 } };
  expect(statusOf(await run({}, uneven), 'C21')).toMatchObject({
    status: 'refuted',
    measured: expect.stringContaining('1.667 (app1 50, app2 20, app3 20)'),
  });
  expect(statusOf(await run({}, { socketsByServer: {} }), 'C21')?.status).toBe('not-tested');
});

/** The made-up run as one of today's load, with these figures. */
async function todaysRun(change: Partial<Findings>): Promise<ClaimEvidence> {
  const { findings } = await smallRun();
  return run({
    plan: { ...findings.plan, shape: 'today', users: 50, intervalSec: 0.5 },
    rates: { offeredHz: 100, acknowledgedHz: 99.8, steadyHz: 100 },
    ...change,
  });
}

test("holds today's load only where it was offered in whole, and was there", async () => {
  expect(statusOf(await smallRun(), 'C04')).toMatchObject({
    status: 'not-tested',
    evidence: 'this run was made with 40 users of the shape steady: gate --shape today',
  });
  expect(statusOf(await todaysRun({}), 'C04')?.status).toBe('held');
  const slow = { rates: { offeredHz: 100, acknowledgedHz: 80, steadyHz: 100 } };
  expect(statusOf(await todaysRun(slow), 'C04')?.status).toBe('not-tested');
  const { availability } = (await smallRun()).findings;
  const missed = { ...availability, withRetries: 0.9, withRetriesAtBest: 0.9 };
  expect(statusOf(await todaysRun({ availability: missed }), 'C04')?.status).toBe('refuted');
});

test('holds the estimate where sends and rows are as it says, and deliveries are told apart', async () => {
  const { findings } = await smallRun();
  const plan = { ...findings.plan, users: 2_400, intervalSec: 60 };
  const seconds = findings.window.seconds;
  const figures = {
    plan,
    rates: { offeredHz: 40, acknowledgedHz: 40, steadyHz: 40 },
    messages: { ...findings.messages, acknowledged: 40 * seconds },
    writes: { rows: 40 * seconds, nodes: 4, byDatabase: [40 * seconds] },
    deliveries: { received: 800 * seconds, expected: 800 * seconds, fanOut: 20 },
  };
  expect(statusOf(await smallRun(), 'C05')?.status).toBe('not-tested');
  expect(statusOf(await run(figures), 'C05')).toMatchObject({
    status: 'held',
    measured:
      '40.0/s sent, 800.0/s delivered (20.0 a message), 40.0/s rows written on each of 4 nodes (at 2400 users, the mission has 20000)',
  });
  const twice = {
    ...figures,
    writes: { rows: 80 * seconds, nodes: 4, byDatabase: [80 * seconds] },
  };
  expect(statusOf(await run(twice), 'C05')?.status).toBe('refuted');
  const fewer = { ...figures, rates: { offeredHz: 30, acknowledgedHz: 30, steadyHz: 30 } };
  expect(statusOf(await run(fewer), 'C05')?.status).toBe('refuted');
});
