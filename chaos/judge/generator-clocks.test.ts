import { expect, test } from 'vitest';
import type { Precondition } from '../findings.ts';
import { judge } from '../judge.ts';
import { cleanHistory, type History } from '../ledger/run-history.fixture.ts';
import { withRun } from '../ledger/written-history.fixture.ts';

const clocksOf = (history: History): Promise<Precondition | undefined> =>
  withRun(history, async (run) =>
    (await judge(run)).findings.preconditions.find(({ id }) => id === 'generator-clocks'),
  );

/** Moves the clock of the shard that holds the first users. */
function moveClock(history: History, byMs: number): void {
  const users = history.plan.users / history.shards;
  for (const message of history.sent.filter(({ user }) => user < users)) {
    message.sentMs = message.sentMs.map((sentMs) => sentMs + byMs);
    if (message.acknowledgedMs !== null) message.acknowledgedMs += byMs;
  }
}

test('met when every row was made between its sending and its acknowledgement', async () => {
  expect(await clocksOf(cleanHistory())).toMatchObject({ met: true });
});

test.for([[2_000], [-2_000]])(
  'a clock that is off by %d ms is seen, by its shard',
  async ([byMs]) => {
    const history = cleanHistory();
    moveClock(history, byMs ?? 0);
    const precondition = await clocksOf(history);
    expect(precondition?.met).toBe(false);
    expect(precondition?.measured).toMatch(/^shard 0 is off by at least 19\d\d ms$/);
  },
);

test('not met when no message can be compared', async () => {
  const history = cleanHistory();
  for (const message of history.sent) message.acknowledgedMs = null;
  expect(await clocksOf(history)).toMatchObject({ met: false });
});
