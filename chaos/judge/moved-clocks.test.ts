import { expect, test } from 'vitest';
import { judge } from '../judge.ts';
import { cleanHistory, type History } from '../ledger/run-history.fixture.ts';
import { withRun } from '../ledger/written-history.fixture.ts';

const STRUCK_MS = 4_000;
const JUMP_MS = 60_000;

/** A run in which a server's clock jumped, and with it the rows that were written meanwhile. */
function jumped({ fault = 'clock-jump', target = 'db1', bitten = true } = {}): History {
  const history = cleanHistory({ faultAtMs: STRUCK_MS });
  history.events = history.events.map((event) => {
    switch (event.kind) {
      case 'fault-injecting':
      case 'fault-injected':
        return { ...event, fault, target };
      case 'fault-proof':
        return { ...event, proof: { ...event.proof, bitten } };
      default:
        return event;
    }
  });
  const struckMs = history.schedule.sendFromMs + STRUCK_MS;
  moveRows(history, (madeMs) => madeMs > struckMs && madeMs < struckMs + 2_500);
  return history;
}

function moveRows(history: History, isMoved: (madeMs: number) => boolean): void {
  const moved = new Set(
    Object.values(history.rows).flatMap((rows) => rows.filter((row) => isMoved(row.createdAtMs))),
  );
  expect(moved.size).toBeGreaterThan(0);
  for (const row of moved) row.createdAtMs += JUMP_MS;
}

const clocksOf = (history: History) =>
  withRun(history, async (run) =>
    (await judge(run)).findings.preconditions.find(({ id }) => id === 'generator-clocks'),
  );

test('rows that were written while a fault had moved the primary’s clock say nothing about clocks', async () => {
  expect(await clocksOf(jumped())).toMatchObject({ met: true });
});

test.for([
  ['no fault that moves clocks had struck', { fault: 'kill-postgres' }],
  ['the fault was not proven', { bitten: false }],
  ['it had moved the clock of a server that was not primary', { target: 'db3' }],
] as const)('such rows are impossible when %s', async ([, given]) => {
  expect(await clocksOf(jumped(given))).toMatchObject({ met: false });
});

test('rows of another time are impossible, whatever a fault moved', async () => {
  const history = jumped();
  moveRows(history, (madeMs) => madeMs < history.schedule.sendFromMs + STRUCK_MS - 100);
  expect(await clocksOf(history)).toMatchObject({ met: false });
});

test('a generator’s clock does not hide behind a fault that moved the primary’s', async () => {
  const history = jumped();
  const firstShard = history.plan.users / history.shards;
  for (const message of history.sent.filter(({ user }) => user < firstShard)) {
    message.sentMs = message.sentMs.map((sentMs) => sentMs + 2_000);
    if (message.acknowledgedMs !== null) message.acknowledgedMs += 2_000;
  }
  const precondition = await clocksOf(history);
  expect(precondition?.met).toBe(false);
  expect(precondition?.measured).toMatch(/^shard 0 is off by at least/);
});

test('the first commit after a failover is not told by a clock that was moved', async () => {
  const firstCommit = (history: History) =>
    withRun(history, async (run) => (await judge(run)).findings.faults[0]?.recoveryMs.firstCommit);
  expect(await firstCommit(cleanHistory({ faultAtMs: STRUCK_MS }))).toBeGreaterThan(0);
  expect(await firstCommit(jumped())).toBeNull();
});
