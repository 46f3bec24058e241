/** Literal histories: what a fault expects, held against what the users saw. */
import { expect, test } from 'vitest';
import { judgeClaims } from '../../reports/claims/index.ts';
import { verdictOf } from '../../reports/verdict.ts';
import type { Expectation } from '../faults/expectation.ts';
import { judge } from '../judge.ts';
import { EPOCH_MS } from '../ledger/run-events.fixture.ts';
import { cleanHistory, type History } from '../ledger/run-history.fixture.ts';
import { withRun } from '../ledger/written-history.fixture.ts';

/** Twenty messages a second; from 8 s on two seconds of silence; the strike is 0.1 s after that. */
const OUTAGE = { users: 40, perUser: 20, faultAtMs: 8_000 };
/** Since the epoch: the window begins at 5 s. */
const STRUCK_MS = 13_100;
const HEALING_MS = 15_450;

const expecting = (expects: Expectation | undefined, history: History): History => ({
  ...history,
  events: history.events.map((event) =>
    event.kind === 'fault-injecting' ? { ...event, expects } : event,
  ),
});

async function judged(expects: Expectation | undefined, history = cleanHistory(OUTAGE)) {
  return withRun(expecting(expects, history), async (run) => {
    const judgement = await judge(run);
    const { verdict, reasons } = verdictOf(judgement.findings, judgeClaims(judgement));
    const { checks, faults } = judgement.findings;
    const check = checks.find(({ id }) => id === 'expectations')?.kind;
    return { verdict, reasons, check, expectation: faults[0]?.expectation };
  });
}

test('a service that recovers in time keeps its promise', async () => {
  expect(await judged({ kind: 'recovers', withinMs: 5_000 })).toMatchObject({
    verdict: 'pass',
    check: 'held',
    expectation: { kind: 'met', expected: 'recovers within 5 s', seen: '1.9 s' },
  });
});

test('one that recovers too late fails the run, however available it was', async () => {
  const { verdict, reasons, expectation } = await judged({ kind: 'recovers', withinMs: 1_500 });
  expect(verdict).toBe('fail');
  expect(expectation).toMatchObject({ kind: 'not-met', seen: '1.9 s' });
  expect(reasons[0]).toContain('f1: expected: recovers within 1.5 s; seen: 1.9 s');
});

test('a silence is as long as it was, also where redundancy was back before its end', async () => {
  const history = cleanHistory(OUTAGE);
  history.events = history.events.map((event) =>
    event.kind === 'redundancy-restored' ? { ...event, atMs: EPOCH_MS + STRUCK_MS + 500 } : event,
  );
  const { expectation } = await judged({ kind: 'recovers', withinMs: 1_500 }, history);
  expect(expectation).toMatchObject({ kind: 'not-met', seen: '1.9 s' });
});

test('an outage that sets in late is over late', async () => {
  const history = cleanHistory(OUTAGE);
  // It struck three seconds before anybody felt it.
  history.events = history.events.map((event) =>
    event.kind === 'fault-injected'
      ? { ...event, struckFromMs: event.struckFromMs - 3_000, struckToMs: event.struckToMs - 3_000 }
      : event,
  );
  const { expectation } = await judged({ kind: 'recovers', withinMs: 4_500 }, history);
  expect(expectation).toMatchObject({ kind: 'not-met', seen: '4.9 s' });
});

test('a service that has to keep going may not be silent for longer than the bound', async () => {
  const long = await judged({ kind: 'keeps-going', gapMsMax: 1_000 });
  expect(long).toMatchObject({ verdict: 'fail', expectation: { kind: 'not-met', seen: '1.9 s' } });
  const short = await judged({ kind: 'keeps-going', gapMsMax: 2_000 });
  expect(short).toMatchObject({ verdict: 'pass', expectation: { kind: 'met' } });
});

test('a load too thin to show a silence leaves the run inconclusive', async () => {
  // Two users, a message each every 20 s.
  const thin = cleanHistory({ ...OUTAGE, users: 2, perUser: 5, intervalMs: 20_000 });
  const { verdict, check, expectation } = await judged(
    { kind: 'keeps-going', gapMsMax: 1_000 },
    thin,
  );
  expect({ verdict, check }).toEqual({ verdict: 'inconclusive', check: 'unknown' });
  expect(expectation).toMatchObject({
    kind: 'unknown',
    seen: expect.stringMatching(/^nobody waited/),
  });
});

test('a silence that the generator slept through proves nothing against the service', async () => {
  const history = cleanHistory(OUTAGE);
  // Its loop stood still for 1.5 s, until 15 s.
  history.timedLines = [[[15_000, 'L 15000 0 1500']], []];
  const { expectation, verdict } = await judged({ kind: 'recovers', withinMs: 1_500 }, history);
  expect(verdict).toBe('inconclusive');
  expect(expectation).toMatchObject({
    kind: 'unknown',
    seen: '1.9 s, 1.5 s of it the generator’s own',
  });
});

test('a generator that was not fit leaves a broken promise unknown', async () => {
  const history = cleanHistory(OUTAGE);
  history.unfinished = [0];
  const { check, verdict } = await judged({ kind: 'recovers', withinMs: 1_500 }, history);
  expect({ check, verdict }).toEqual({ check: 'unknown', verdict: 'inconclusive' });
});

test('writes that have to be refused are, until it is healed', async () => {
  const refuses = { kind: 'refuses-writes', fromMs: 500, withinMs: 5_000 } as const;
  // Healed before the first acknowledgement, at 15 s.
  const history = cleanHistory(OUTAGE);
  history.events = history.events.map((event) =>
    event.kind === 'fault-healing' ? { ...event, atMs: EPOCH_MS + 14_900 } : event,
  );
  expect((await judged(refuses, history)).expectation).toEqual({
    kind: 'met',
    expected: 'refuses writes from 0.5 s on until healed, then recovers within 5 s',
    seen: 'none acknowledged, then 0.1 s',
  });
});

test('a write that is taken while it has to be refused breaks the promise', async () => {
  const refuses = { kind: 'refuses-writes', fromMs: 500, withinMs: 5_000 } as const;
  const taken = await judged(refuses);
  expect(taken).toMatchObject({ verdict: 'fail', expectation: { kind: 'not-met' } });
  expect(taken.expectation?.seen).toMatch(/^\d+ acknowledged while it lasted$/);
});

test('a fault that was healed before writes had to be refused shows nothing', async () => {
  const late = HEALING_MS - STRUCK_MS + 1_000;
  const { expectation } = await judged({ kind: 'refuses-writes', fromMs: late, withinMs: 5_000 });
  expect(expectation).toMatchObject({ kind: 'unknown', seen: 'healed after 2.3 s' });
});

test('a run that does not say what was expected is not green', async () => {
  expect(await judged(undefined)).toMatchObject({
    verdict: 'inconclusive',
    check: 'unknown',
    expectation: { kind: 'unknown', expected: 'not recorded' },
  });
});
