import { cpSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judgeClaims } from '../reports/claims/index.ts';
import { verdictOf, type Verdict } from '../reports/verdict.ts';
import type { RunEvent } from './events.ts';
import { judge } from './judge.ts';
import { cleanHistory, emptyHistory, type History } from './ledger/run-history.fixture.ts';
import { withRun } from './ledger/written-history.fixture.ts';
import { clientLedgerFile, runFiles } from './run-directory.ts';

const OUTAGE = { users: 40, perUser: 20, faultAtMs: 8_000 };

async function conclude(run: string): Promise<Verdict> {
  const judgement = await judge(run);
  return verdictOf(judgement.findings, judgeClaims(judgement));
}

const verdictOn = (history: History): Promise<Verdict> => withRun(history, conclude);

const unmet = (verdict: Verdict): readonly string[] =>
  verdict.preconditions.filter(({ met }) => !met).map(({ id }) => id);

const without = (history: History, kind: RunEvent['kind']): History => ({
  ...history,
  events: history.events.filter((event) => event.kind !== kind),
});

test('a run in which a failover went well passes', async () => {
  const verdict = await verdictOn(cleanHistory(OUTAGE));
  expect(verdict).toMatchObject({
    verdict: 'pass',
    exitCode: 0,
    reasons: [],
    run: 'made-up',
    window: { seconds: 40 },
    messages: { offered: 800, acknowledged: 800, lost: 0, ambiguous: 0 },
    availability: { withRetries: 1, asSent: expect.closeTo(0.98, 2) },
    rates: { offeredHz: 20, acknowledgedHz: 20 },
    confidence: { failovers: 1, losing: 0, upperBound95: expect.closeTo(0.95, 9) },
  });
  expect(unmet(verdict)).toEqual([]);
  expect(Object.keys(verdict.availability.byPhase)).toEqual(['steady', 'f1 down', 'f1 after']);
});

test('says how long deliveries took, over all who listened, never too short', async () => {
  const history = cleanHistory(OUTAGE);
  history.extraLines[0]?.push('D 9000 0 20 80', 'D 9000 0 96 15');
  history.extraLines[1]?.push('D 9000 0 21 4', 'D 9000 0 130 1');
  const { deliveryMs } = await verdictOn(history);
  expect(deliveryMs).toEqual({ p50: 20, p95: 131, p99: 131, max: 279 });
  const none = { p50: null, p95: null, p99: null, max: null };
  expect((await verdictOn(cleanHistory(OUTAGE))).deliveryMs).toEqual(none);
});

test('splits the recovery into its parts', async () => {
  const { faults } = await verdictOn(cleanHistory(OUTAGE));
  expect(faults).toEqual([
    {
      id: 'f1',
      kind: 'kill-postgres',
      target: 'db1',
      injectedAt: '2025-10-09T08:53:33.100Z',
      healedAt: '2025-10-09T08:53:35.500Z',
      inFlight: 2,
      proof: { bitten: true, observations: [{ what: 'process', seen: 'gone', ok: true }] },
      newPrimary: 'db2',
      recoveryMs: {
        detected: 200,
        promoted: 1_400,
        firstCommit: 1_898,
        firstAcknowledgement: 1_900,
        load99: 1_900,
        redundancyRestored: 2_900,
        longestGap: 1_900,
      },
      expectation: { kind: 'met', expected: 'recovers within 5 s', seen: '1.9 s' },
      unavailableSec: { asSent: 1, withRetries: 0 },
      budgetSpent: 0,
      userSecondsLost: expect.closeTo(5.98, 1),
      elsewhere: null,
    },
  ]);
});

test('a commit proves the promotion where the members were asked only later', async () => {
  const history = cleanHistory(OUTAGE);
  history.events = history.events.map((event) =>
    event.kind === 'member' && event.timeline === 2 ? { ...event, atMs: event.atMs + 900 } : event,
  );
  const { faults } = await verdictOn(history);
  expect(faults[0]?.recoveryMs).toMatchObject({ promoted: 1_898, firstCommit: 1_898 });
});

test('a strike between two messages leaves the run inconclusive', async () => {
  const quiet = cleanHistory({ ...OUTAGE, users: 2, perUser: 5, intervalMs: 20_000 });
  const verdict = await verdictOn(quiet);
  expect(unmet(verdict)).toContain('messages-in-flight');
  // Nor was anybody kept waiting.
  expect(verdict.faults[0]?.recoveryMs).toMatchObject({
    longestGap: null,
    firstAcknowledgement: null,
  });
});

test('a message is under way at a strike only if it was so at every instant of it', async () => {
  const history = cleanHistory(OUTAGE);
  const before = await verdictOn(history);
  expect(before.faults[0]?.inFlight).toBeGreaterThan(0);
  // It may have struck before the first of them was sent, for all one knows.
  history.events = history.events.map((event) =>
    event.kind === 'fault-injected' ? { ...event, struckFromMs: event.struckFromMs - 150 } : event,
  );
  const vague = await verdictOn(history);
  expect(vague.faults[0]?.inFlight).toBeLessThan(before.faults[0]?.inFlight ?? 0);
});

test('gives the same verdict byte for byte, in another place too', async () => {
  await withRun(cleanHistory(OUTAGE), async (run) => {
    const copy = mkdtempSync(join(tmpdir(), 'holdfast-copy-'));
    try {
      cpSync(run, copy, { recursive: true });
      const [first, second] = [await judge(run), await judge(copy)];
      expect(JSON.stringify(second)).toBe(JSON.stringify(first));
    } finally {
      rmSync(copy, { recursive: true });
    }
  });
});

test('a lost message fails the run, whatever else is missing, and names the losing failover', async () => {
  const history = without(cleanHistory(OUTAGE), 'clock');
  // The sender was told before the fault struck; the failover is what lost it.
  history.rows['db4']?.splice(2, 1);
  const verdict = await verdictOn(history);
  expect(verdict).toMatchObject({
    verdict: 'fail',
    exitCode: 1,
    messages: { lost: 1 },
    confidence: { failovers: 1, losing: 1, upperBound95: 1 },
  });
  expect(verdict.reasons[0]).toMatch(/^Refuted: Every acknowledged message .* lost 1/);
  expect(verdict.claims.find(({ id }) => id === 'C11')?.status).toBe('refuted');
});

test('missing the objective fails the run', async () => {
  const history = cleanHistory({ users: 10, perUser: 10 });
  for (const message of history.sent.filter(({ n }) => n === 9).slice(0, 2)) {
    message.acknowledgedMs = (message.acknowledgedMs ?? 0) + 6_000;
  }
  const verdict = await verdictOn(history);
  expect(verdict).toMatchObject({
    verdict: 'fail',
    availability: { withRetries: 0.98, asSent: 0.98 },
  });
  expect(verdict.reasons).toEqual([
    'Only 98 % of the messages were acknowledged within 5000 ms; the objective is 99 %.',
  ]);
});

test('a message that was meant and never sent counts against the service', async () => {
  const history = cleanHistory({ users: 10, perUser: 10 });
  const gone = history.sent.filter(({ user, n }) => n === 9 && user < 4);
  const heads = new Map<number, number>();
  history.sent = history.sent.filter((message) => !gone.includes(message));
  for (const { channel } of history.sent) heads.set(channel, (heads.get(channel) ?? 0) + 1);
  const { availability, messages, preconditions } = await verdictOn(history);
  expect(availability.withRetries).toBe(0.96);
  expect(messages.offered).toBe(100);
  expect(preconditions.find(({ id }) => id === 'offered-load')).toMatchObject({
    met: false,
    measured: '96 of 100 messages (96.00 %)',
  });
});

test('a run that was killed is inconclusive, not failed, and blames nothing on the service', async () => {
  const history = cleanHistory(OUTAGE);
  const struck = history.events.findIndex(({ kind }) => kind === 'fault-injected');
  history.events = history.events.slice(0, struck + 1);
  history.rows = {};
  history.received = [];
  history.unfinished = [0, 1];
  await withRun(history, async (run) => {
    truncateSync(join(run, clientLedgerFile(0)), 4_000);
    const verdict = await conclude(run);
    expect(verdict).toMatchObject({ verdict: 'inconclusive', exitCode: 2, window: { to: null } });
    expect(unmet(verdict)).toEqual(
      expect.arrayContaining(['run-complete', 'rows-complete', 'shards-finished', 'faults-proven']),
    );
    expect(verdict.claims.filter(({ status }) => status !== 'not-tested')).toEqual([]);
  });
});

test('an empty run is inconclusive', async () => {
  const verdict = await verdictOn(emptyHistory());
  expect(verdict.verdict).toBe('inconclusive');
  expect(verdict.availability.withRetries).toBeNull();
});

test('a malformed line makes the run inconclusive and is named', async () => {
  const history = cleanHistory(OUTAGE);
  history.extraLines[1]?.push('S 1 2 nonsense');
  const verdict = await verdictOn(history);
  expect(verdict.verdict).toBe('inconclusive');
  expect(verdict.reasons.join()).toMatch(/clients-1\.log:\d+ is malformed: "S 1 2 nonsense"/);
});

test('refuses a directory that is no run, and a plan that is none', async () => {
  await withRun(cleanHistory(), async (run) => {
    writeFileSync(join(run, runFiles.plan), '{"users":-5}');
    await expect(judge(run)).rejects.toMatchObject({ code: 'plan-unreadable', exitCode: 64 });
    rmSync(join(run, runFiles.plan));
    await expect(judge(run)).rejects.toMatchObject({ code: 'not-a-run', exitCode: 64 });
  });
});

test('a plan without faults is judged on load only, and claims no failover', async () => {
  const verdict = await verdictOn(cleanHistory());
  expect(verdict).toMatchObject({
    verdict: 'pass',
    confidence: { failovers: 0, upperBound95: null },
  });
  const status = (id: string) => verdict.claims.find((claim) => claim.id === id)?.status;
  expect(['C03', 'C11', 'C12'].map(status)).toEqual(['not-tested', 'not-tested', 'not-tested']);
});

test('a noop fault has a gap as a baseline and nothing else', async () => {
  const history = cleanHistory(OUTAGE);
  history.plan = { ...history.plan, faults: [{ kind: 'noop', holdSec: 1 }] };
  history.events = history.events
    .filter((event) => event.kind !== 'leader' || event.leader === 'db1')
    .filter((event) => event.kind !== 'member' || event.timeline === 1)
    .map((event) => ('fault' in event ? { ...event, fault: 'noop' } : event));
  const verdict = await verdictOn(history);
  expect(verdict.verdict).toBe('pass');
  expect(verdict.faults[0]?.recoveryMs).toEqual({
    detected: null,
    promoted: null,
    firstCommit: null,
    firstAcknowledgement: null,
    load99: null,
    redundancyRestored: null,
    longestGap: 1_900,
  });
  expect(verdict.confidence.failovers).toBe(0);
});

test.each<[string, (history: History) => History]>([
  ['clocks', (history) => without(history, 'clock')],
  ['run-complete', (history) => without(history, 'run-ended')],
  ['users-connected', (history) => without(history, 'sockets')],
  ['shards-finished', (history) => without(history, 'shard-exited')],
  ['rows-complete', (history) => without(history, 'rows-read')],
  ['faults-proven', (history) => without(history, 'fault-proof')],
  ['faults-held', (history) => without(history, 'fault-held')],
  ['faults-healed', (history) => without(history, 'redundancy-restored')],
  ['steady-before-faults', (history) => without(history, 'steady-state')],
  [
    'plateau-held',
    (history) => ({ ...history, extraLines: [['X 10000 3 1006', 'C 14000 3 1 30'], []] }),
  ],
  [
    'faults-proven',
    (history) => ({
      ...history,
      plan: { ...history.plan, faults: [...history.plan.faults, { kind: 'noop', holdSec: 1 }] },
    }),
  ],
])('without %s the run is inconclusive, and no claim is held', async (id, change) => {
  const verdict = await verdictOn(change(cleanHistory(OUTAGE)));
  expect(unmet(verdict)).toContain(id);
  expect(verdict).toMatchObject({ verdict: 'inconclusive', exitCode: 2 });
  expect(verdict.claims.filter(({ status }) => status === 'held')).toEqual([]);
});
