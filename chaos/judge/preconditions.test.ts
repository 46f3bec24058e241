import { expect, test } from 'vitest';
import type { Precondition } from '../findings.ts';
import { judge } from '../judge.ts';
import { cleanHistory, type History } from '../ledger/run-history.fixture.ts';
import { withRun } from '../ledger/written-history.fixture.ts';

const OUTAGE = { users: 40, perUser: 20, faultAtMs: 8_000 };

async function preconditionOf(history: History, id: string): Promise<Precondition> {
  const { findings } = await withRun(history, judge);
  const found = findings.preconditions.find((each) => each.id === id);
  if (found === undefined) throw new Error(`there is no precondition ${id}`);
  return found;
}

const idsOf = async (history: History): Promise<readonly string[]> =>
  (await withRun(history, judge)).findings.preconditions.map(({ id }) => id);

test('a generator that takes most of the machine is not fit', async () => {
  const history = cleanHistory(OUTAGE);
  expect(await preconditionOf(history, 'generator-cpu')).toMatchObject({
    met: true,
    measured: expect.stringMatching(/^0\.30 of 2 cores \(15\.0 %\) in 95 % of \d+ samples$/),
  });
  history.generatorCores = 1.6;
  expect(await preconditionOf(history, 'generator-cpu')).toMatchObject({ met: false });
});

test('without samples of the generator nobody knows whether it was fit', async () => {
  const history = cleanHistory(OUTAGE);
  history.shards = 0;
  expect(await preconditionOf(history, 'generator-cpu')).toMatchObject({
    met: false,
    measured: 'not measured',
  });
});

test('a fault that was healed before its time was not held', async () => {
  const history = cleanHistory(OUTAGE);
  expect((await preconditionOf(history, 'faults-held')).met).toBe(true);
  history.events = history.events.map((event) =>
    event.kind === 'fault-healed' ? { ...event, atMs: event.atMs - 1_500 } : event,
  );
  expect(await preconditionOf(history, 'faults-held')).toMatchObject({
    met: false,
    measured: '0 of 1 planned faults; not f1',
  });
});

/** What was seen of the fault right before its heal. */
function lookedAtAgain(...seen: readonly { seen: string; ok: boolean }[]): History {
  const history = cleanHistory(OUTAGE);
  const observations = seen.map((each) => ({ what: 'packets of db1 meet the rules', ...each }));
  history.events = history.events.map((event) =>
    event.kind === 'fault-held' ? { ...event, lasts: true, observations } : event,
  );
  return history;
}

test('a fault that is not there any more right before its heal was not held, and is named', async () => {
  const there = lookedAtAgain({ seen: '12 packets', ok: true });
  expect((await preconditionOf(there, 'faults-held')).met).toBe(true);
  const over = lookedAtAgain({ seen: '12 packets', ok: true }, { seen: '0 packets', ok: false });
  expect(await preconditionOf(over, 'faults-held')).toMatchObject({
    met: false,
    measured:
      '0 of 1 planned faults; not f1; f1 was over before its heal (packets of db1 meet the rules: 0 packets)',
  });
});

test('a fault that lasts and was not looked at again is not believed', async () => {
  expect((await preconditionOf(lookedAtAgain(), 'faults-held')).met).toBe(false);
});

test('a fault outside the window was not held in it', async () => {
  const history = cleanHistory(OUTAGE);
  history.events = history.events.map((event) =>
    event.kind === 'window-began' ? { ...event, atMs: event.atMs + 20_000 } : event,
  );
  expect((await preconditionOf(history, 'faults-held')).met).toBe(false);
});

test('a proof that saw nothing proves nothing, whatever it says', async () => {
  const history = cleanHistory(OUTAGE);
  history.events = history.events.map((event) =>
    event.kind === 'fault-proof' ? { ...event, proof: { bitten: true, observations: [] } } : event,
  );
  expect((await preconditionOf(history, 'faults-proven')).met).toBe(false);
});

test('two faults of one name are not proven by the first', async () => {
  const history = cleanHistory(OUTAGE);
  const events = history.events.filter((event) => 'id' in event && event.id === 'f1');
  history.plan = { ...history.plan, faults: [...history.plan.faults, ...history.plan.faults] };
  history.events = [...history.events, ...events];
  expect(await preconditionOf(history, 'faults-proven')).toMatchObject({
    met: false,
    measured: '1 of 2 planned faults; not f1',
  });
});

test('counts the messages that a failover left open, and asks for one', async () => {
  const history = cleanHistory(OUTAGE);
  const { met, measured } = await preconditionOf(history, 'ambiguous-sends');
  expect(met).toBe(true);
  expect(measured).toMatch(/^[1-9]\d* messages in 1 failovers$/);

  // Everything that was under way at the strike is answered before another primary is there.
  const struckMs = 8_000 + 5_000 + 100;
  for (const message of history.sent) {
    const sentMs = message.sentMs[0] ?? 0;
    if (sentMs <= struckMs && (message.acknowledgedMs ?? 0) > struckMs) {
      message.acknowledgedMs = struckMs + 5;
    }
  }
  expect(await preconditionOf(history, 'ambiguous-sends')).toMatchObject({
    met: false,
    measured: '0 messages in 1 failovers',
  });

  // One that nobody answered in time, and that was therefore sent again, is open too.
  const waiting = history.sent.find(
    ({ sentMs }) => (sentMs[0] ?? 0) > struckMs + 20 && (sentMs[0] ?? 0) < struckMs + 1_000,
  );
  waiting?.sentMs.push((waiting.sentMs[0] ?? 0) + 1_000);
  expect(await preconditionOf(history, 'ambiguous-sends')).toMatchObject({
    met: true,
    measured: '1 messages in 1 failovers',
  });
});

test('nothing is ambiguous without a failover, and nobody is cut off by the death of a database', async () => {
  expect(await idsOf(cleanHistory())).not.toContain('ambiguous-sends');
  expect(await idsOf(cleanHistory(OUTAGE))).not.toContain('users-reconnected');
});

/** The fault as one that kills the chat server of four users. */
function chatServerKilled(): History {
  const history = cleanHistory(OUTAGE);
  history.plan = { ...history.plan, faults: [{ kind: 'kill-chat-server', holdSec: 1 }] };
  history.events = history.events
    .filter((event) => event.kind !== 'leader' && event.kind !== 'member')
    .map((event) =>
      'fault' in event ? { ...event, fault: 'kill-chat-server', target: 'app1' } : event,
    );
  for (const user of [1, 4, 7, 10]) {
    history.timedLines[0]?.push([13_200, `X 13200 ${user} 1006`]);
    history.timedLines[0]?.push([14_500, `C 14500 ${user} 1 80`]);
  }
  return history;
}

test('users who were cut off have to come back', async () => {
  const history = chatServerKilled();
  expect(await preconditionOf(history, 'users-reconnected')).toMatchObject({
    met: true,
    measured: 'f1: 4 of 4 users came back',
  });
  // Being away because of it is no breach of the plateau.
  expect((await preconditionOf(history, 'plateau-held')).met).toBe(true);

  history.timedLines[0]?.pop();
  expect(await preconditionOf(history, 'users-reconnected')).toMatchObject({
    met: false,
    measured: 'f1: 3 of 4 users came back',
  });
  // It still is one to stay away for good.
  expect((await preconditionOf(history, 'plateau-held')).met).toBe(false);
});

test('a fault that should cut users off and cut off nobody is not believed', async () => {
  const history = chatServerKilled();
  history.timedLines[0]?.splice(0);
  expect(await preconditionOf(history, 'users-reconnected')).toMatchObject({
    met: false,
    measured: 'f1: 0 of 0 users came back',
  });
});

test('users lost to a fault that cuts nobody off break the plateau', async () => {
  const history = cleanHistory(OUTAGE);
  history.timedLines[0]?.push([13_200, 'X 13200 1 1006'], [14_500, 'C 14500 1 1 80']);
  expect((await preconditionOf(history, 'plateau-held')).met).toBe(false);
});
