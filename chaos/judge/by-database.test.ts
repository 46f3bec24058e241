import { expect, test } from 'vitest';
import { databaseOf } from '../../reference-server/placement.ts';
import type { CheckResult, Findings } from '../findings.ts';
import { judge } from '../judge.ts';
import { EPOCH_MS } from '../ledger/run-events.fixture.ts';
import type { History } from '../ledger/run-history.fixture.ts';
import { twoDatabases } from '../ledger/two-databases.fixture.ts';
import { withRun } from '../ledger/written-history.fixture.ts';

const OUTAGE = { users: 60, perUser: 6, faultAtMs: 4_000 };

const findingsOf = async (history: History): Promise<Findings> =>
  (await withRun(history, judge)).findings;

const refutedIn = (checks: readonly CheckResult[]): readonly string[] =>
  checks.filter(({ kind }) => kind === 'refuted').map(({ id }) => id);

/** A message that the second database holds. */
function ofSecond(history: History) {
  const message = history.sent.find(({ channel }) => databaseOf(channel, 2) === 1);
  if (message === undefined) throw new Error('nothing was sent to the second database');
  return { message, key: `r1-${message.user}-${message.n}` };
}

test('a run with two databases is judged like one with one', async () => {
  const findings = await findingsOf(twoDatabases(OUTAGE));
  expect(refutedIn(findings.checks)).toEqual([]);
  expect(findings.checks.filter(({ kind }) => kind === 'unknown')).toEqual([]);
  expect(findings.writes.rows).toBe(findings.messages.acknowledged);
  expect(findings.writes.byDatabase.every((rows) => rows > 0)).toBe(true);
  expect(findings.writes.nodes).toBe(4);
});

test('the outage of one is measured by its own messages, and the others are seen not to notice', async () => {
  const findings = await findingsOf(twoDatabases(OUTAGE));
  const [fault] = findings.faults;
  expect(fault?.recoveryMs.longestGap).toBeGreaterThan(1_500);
  expect(fault?.elsewhere?.messages).toBeGreaterThan(10);
  expect(fault?.elsewhere).toMatchObject({ asSent: 1, withRetries: 1 });
  expect(fault?.elsewhere?.longestGapMs).toBeLessThan(50);
});

test('others who had to wait as well are seen', async () => {
  const history = twoDatabases(OUTAGE);
  for (const message of history.sent) {
    const struckMs = history.schedule.sendFromMs + OUTAGE.faultAtMs;
    const sentMs = message.sentMs[0] ?? 0;
    const isLate = Math.abs(sentMs + EPOCH_MS - struckMs - 700) < 500;
    if (databaseOf(message.channel, 2) === 1 && isLate) message.acknowledgedMs = sentMs + 1_800;
  }
  const findings = await findingsOf(history);
  expect(findings.faults[0]?.elsewhere?.asSent).toBeLessThan(1);
});

test('a row that is missing on one node of the second database is lost', async () => {
  const history = twoDatabases();
  const { key } = ofSecond(history);
  history.rows['db7'] = (history.rows['db7'] ?? []).filter((row) => row.key !== key);
  const findings = await findingsOf(history);
  expect(findings.messages.lost).toBe(1);
  expect(refutedIn(findings.checks)).toEqual(expect.arrayContaining(['lost', 'nodes-agree']));
});

test('a row in the database that does not hold its channel is found, and so is its twin', async () => {
  const history = twoDatabases();
  const { key } = ofSecond(history);
  const row = history.rows['db5']?.find((each) => each.key === key);
  for (const node of ['db1', 'db2', 'db3', 'db4']) {
    if (row !== undefined) history.rows[node]?.push({ ...row });
  }
  const findings = await findingsOf(history);
  expect(findings.messages).toMatchObject({ duplicated: 1, phantom: 1 });
});

test('rows of only one of two databases say nothing about the other', async () => {
  const history = twoDatabases();
  for (const node of ['db5', 'db6', 'db7', 'db8']) delete history.rows[node];
  const findings = await findingsOf(history);
  expect(refutedIn(findings.checks)).toEqual([]);
  expect(findings.checks.find(({ id }) => id === 'lost')?.kind).toBe('unknown');
});

test('a change of the second database’s primary is not put down to a fault of the first', async () => {
  const history = twoDatabases(OUTAGE);
  const struckMs = history.schedule.sendFromMs + OUTAGE.faultAtMs;
  history.events.push({ atMs: struckMs + 500, kind: 'leader', leader: 'db6', database: 1 });
  history.events.sort((a, b) => a.atMs - b.atMs);
  const findings = await findingsOf(history);
  expect(refutedIn(findings.checks)).toEqual(['false-failovers']);
});

test('a database of which no node is named is missing evidence, not none to look for', async () => {
  const history = twoDatabases();
  const named = history.nodes.slice(0, 4);
  const isNamed = (node: string) => named.includes(node);
  history.nodes = named;
  history.rows = Object.fromEntries(Object.entries(history.rows).filter(([node]) => isNamed(node)));
  history.events = history.events.filter(
    (event) =>
      !('node' in event && !isNamed(event.node)) && !('database' in event && event.database === 1),
  );
  const { kind, detail } = (await findingsOf(history)).checks.find(({ id }) => id === 'lost') ?? {};
  expect(kind).toBe('unknown');
  expect(detail).toContain('any node of database 1');
});
