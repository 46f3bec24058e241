import { expect, test } from 'vitest';
import type { RunEvent } from '../events.ts';
import { judge } from '../judge.ts';
import { cleanHistory, type History } from '../ledger/run-history.fixture.ts';
import { withRun } from '../ledger/written-history.fixture.ts';
import { EPOCH_MS } from '../ledger/run-events.fixture.ts';

const FAULT_AT_MS = 8_000;
const OPENED_AT_MS = 19_000;
/** So long before a look that finds it closed. */
const CLOSED_BEFORE_MS = 200;
const history = () => cleanHistory({ users: 20, perUser: 12, faultAtMs: FAULT_AT_MS });
const serviceOf = (one: History) =>
  withRun(one, async (run) => (await judge(run)).observed.service);

/** Puts events into a history, at milliseconds after its epoch. */
function happen(one: History, ...events: (RunEvent & { atMs: number })[]): History {
  one.events.push(...events.map((event) => ({ ...event, atMs: EPOCH_MS + event.atMs })));
  one.events.sort((left, right) => left.atMs - right.atMs);
  return one;
}

const circuit = (
  atMs: number,
  server: string,
  state: 'closed' | 'half-open' | 'open',
  opened: number,
  at = OPENED_AT_MS,
): RunEvent => {
  const openedAtMs = opened === 0 ? 0 : EPOCH_MS + at;
  const closedAtMs = opened === 0 || state !== 'closed' ? 0 : EPOCH_MS + atMs - CLOSED_BEFORE_MS;
  return { atMs, kind: 'circuit', server, state, opened, openedAtMs, closedAtMs };
};

test('a run that did not look says nothing', async () => {
  const service = await serviceOf(history());
  expect(service).toMatchObject({
    countedLoad: null,
    countedRefusals: null,
    flood: null,
    historyCost: null,
    circuit: null,
    scaling: null,
  });
  expect(service.refusals[0]).toMatchObject({ reason: '', refused: true });
});

test('hands on what was counted and tried', async () => {
  const grew = { 'chat_logins_total{outcome="expired"}': 1 };
  const tried = { requests: 25, readsWith: 1, readsWithout: 25, same: true };
  const service = await serviceOf(
    happen(
      history(),
      { atMs: 60_000, kind: 'counted', step: 'refusals', grew },
      { atMs: 60_001, kind: 'history-tried', ...tried },
      {
        atMs: 60_002,
        kind: 'refusal',
        what: 'an expired token',
        reason: 'expired',
        refused: true,
        detail: 'HTTP 401',
      },
    ),
  );
  expect(service.countedRefusals).toEqual(grew);
  expect(service.countedLoad).toBeNull();
  expect(service.historyCost).toMatchObject(tried);
  expect(service.refusals.at(-1)).toMatchObject({ reason: 'expired', refused: true });
});

test('follows a circuit from the fault to its closing, and what users felt meanwhile', async () => {
  const one = happen(
    history(),
    circuit(6_000, 'app1', 'closed', 0),
    circuit(6_000, 'app2', 'closed', 0),
    circuit(20_000, 'app1', 'open', 1),
    circuit(20_000, 'app2', 'half-open', 1),
    circuit(25_000, 'app2', 'closed', 1),
    circuit(27_000, 'app1', 'closed', 1),
  );
  const [busy, unconfirmed] = [5, 8];
  const first = one.sent.find(({ sentMs: [atMs = 0] }) => atMs > OPENED_AT_MS + 500);
  const waiting = one.sent.findLast(({ sentMs: [atMs = 0] }) => atMs < OPENED_AT_MS - 500);
  const refusedAt = (message: typeof first, afterMs: number, code: number): [number, string] => {
    const { user = 0, n = 0, sentMs: [atMs = 0] = [] } = message ?? {};
    return [atMs + afterMs, `E ${atMs + afterMs} ${user} ${n} ${code}`];
  };
  const shardOf = (message: typeof first) => one.timedLines[(message?.user ?? 0) < 10 ? 0 : 1];
  // One sent when it was open; one that waited already; and what is no refusal, or of another time.
  shardOf(first)?.push(refusedAt(first, 3, busy), refusedAt(first, 4, unconfirmed));
  shardOf(waiting)?.push(refusedAt(waiting, 5_000, busy));
  shardOf(first)?.push(refusedAt(first, 9_000, busy));
  one.timedLines[0]?.push([19_700, 'X 19700 3 1006'], [28_500, 'X 28500 4 1006']);
  expect((await serviceOf(one)).circuit).toMatchObject({
    opened: 2,
    servers: ['app1', 'app2'],
    stillOpen: [],
    seconds: (27_000 - CLOSED_BEFORE_MS - OPENED_AT_MS) / 1_000,
    refused: 1,
    refusedMsP99: 3,
    socketsClosed: 1,
  });
});

test('notices a circuit that stays open, and one that opened between two looks', async () => {
  const open = await serviceOf(happen(history(), circuit(20_000, 'app1', 'open', 1)));
  expect(open.circuit).toMatchObject({ opened: 1, stillOpen: ['app1'] });
  const between = happen(
    history(),
    circuit(6_000, 'app1', 'closed', 0),
    circuit(20_000, 'app1', 'closed', 1),
    // Started anew, with a counter from 0, and opened again.
    circuit(25_000, 'app1', 'closed', 0),
    circuit(28_000, 'app1', 'closed', 1),
  );
  expect((await serviceOf(between)).circuit).toMatchObject({ opened: 2, stillOpen: [] });
});

test('counts the time that a circuit was open, not the time between looks', async () => {
  const one = happen(
    history(),
    circuit(20_000, 'app1', 'closed', 1, 19_000),
    circuit(20_001, 'app2', 'closed', 1, 19_300),
    circuit(28_000, 'app1', 'closed', 2, 27_000),
  );
  // 19.0 to 19.801 by two breakers, and 27.0 to 27.8.
  expect((await serviceOf(one)).circuit).toMatchObject({ opened: 3, seconds: 1.6 });
});
