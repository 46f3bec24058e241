/** Literal histories: who held the leader key, and what was broken meanwhile. */
import { expect, test } from 'vitest';
import { judgeClaims } from '../../reports/claims/index.ts';
import { verdictOf } from '../../reports/verdict.ts';
import type { RunEvent } from '../events.ts';
import { judge } from '../judge.ts';
import { EPOCH_MS } from '../ledger/run-events.fixture.ts';
import { cleanHistory } from '../ledger/run-history.fixture.ts';
import { withRun } from '../ledger/written-history.fixture.ts';

/** In a history with a fault at 8 s the window begins at 5 s; db2 follows db1 at 14.2 s. */
const FAULT = { users: 40, perUser: 20, faultAtMs: 8_000 };

async function judged(change: (events: RunEvent[]) => RunEvent[], options = FAULT) {
  const history = cleanHistory(options);
  history.events = change(history.events).sort((a, b) => a.atMs - b.atMs);
  return withRun(history, async (run) => {
    const judgement = await judge(run);
    const { verdict, reasons } = verdictOf(judgement.findings, judgeClaims(judgement));
    const check = judgement.findings.checks.find(({ id }) => id === 'false-failovers');
    return { verdict, reasons, check };
  });
}

const leaderAt = (atMs: number, leader: string): RunEvent => ({
  atMs: EPOCH_MS + atMs,
  kind: 'leader',
  leader,
});

const struckAs =
  (fields: Partial<Extract<RunEvent, { kind: 'fault-injecting' }>>) =>
  (events: RunEvent[]): RunEvent[] =>
    events.map((event) => (event.kind === 'fault-injecting' ? { ...event, ...fields } : event));

test('a failover after a fault that takes the primary away is none of the false ones', async () => {
  const { verdict, check } = await judged(struckAs({ failover: true }));
  expect(verdict).toBe('pass');
  expect(check).toMatchObject({ kind: 'held', counts: { failovers: 1, false: 0 } });
});

test('a failover that nothing called for fails the run, and is named', async () => {
  const { verdict, check } = await judged((events) => [...events, leaderAt(20_000, 'db3')]);
  expect(verdict).toBe('fail');
  expect(check).toMatchObject({
    kind: 'refuted',
    counts: { failovers: 2, false: 1 },
    examples: ['db3 took over from db2 6.9 s after f1 struck'],
  });
});

test('nor may it happen under a fault that leaves the primary where it is', async () => {
  const expects = { kind: 'keeps-going', gapMsMax: 10_000 } as const;
  const { verdict, check } = await judged(struckAs({ failover: false, expects }));
  expect(verdict).toBe('fail');
  expect(check).toMatchObject({ kind: 'refuted', counts: { failovers: 1, false: 1 } });
});

test('what stops writes anyway may move the primary', async () => {
  const expects = { kind: 'recovers', withinMs: 10_000 } as const;
  const { check } = await judged(struckAs({ failover: false, expects }));
  expect(check).toMatchObject({ kind: 'held', counts: { failovers: 1, false: 0 } });
});

test('a member that takes its own key again has not failed over', async () => {
  const { verdict, check } = await judged((events) => [
    ...events,
    leaderAt(20_000, ''),
    leaderAt(20_400, 'db2'),
  ]);
  expect(verdict).toBe('pass');
  expect(check).toMatchObject({ kind: 'held', counts: { failovers: 1, false: 0 } });
});

test('without a word on who led it is not known', async () => {
  const { verdict, check } = await judged((events) =>
    events.filter((event) => event.kind !== 'leader'),
  );
  expect({ verdict, kind: check?.kind }).toEqual({ verdict: 'inconclusive', kind: 'unknown' });
});
