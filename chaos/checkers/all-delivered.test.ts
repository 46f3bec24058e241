import { expect, test } from 'vitest';
import { cleanHistory, emptyHistory } from '../ledger/run-history.fixture.ts';
import { withLedgers } from '../ledger/written-history.fixture.ts';
import { allDelivered, measureDeliveries } from './all-delivered.ts';

const CLEAN = { undelivered: 0, gaps: 0, beyondHead: 0, strangers: 0 };
/** In the room of all eight users, where most messages of a short history are not. */
const ROOMY = { users: 8, perUser: 40, shards: 1 };

/** A member's receipt of a channel with at least five messages. */
function longReceipt(history: ReturnType<typeof cleanHistory>) {
  const receipt = history.received.find(({ ranges }) => (ranges[0]?.[1] ?? 0) >= 5);
  if (receipt === undefined) throw new Error('the history is too short');
  return { receipt, head: receipt.ranges[0]?.[1] ?? 0 };
}

test('holds when every member ends with the unbroken range', () => {
  const history = cleanHistory();
  expect(withLedgers(history, (ledgers) => allDelivered(ledgers))).toMatchObject({
    id: 'undelivered',
    kind: 'held',
    counts: CLEAN,
    examples: [],
  });
});

test('reports each sequence that a member misses, and the first of them', () => {
  const history = cleanHistory(ROOMY);
  const { receipt, head } = longReceipt(history);
  receipt.ranges = [
    [1, 1],
    [4, head],
  ];
  expect(withLedgers(history, (ledgers) => allDelivered(ledgers))).toMatchObject({
    kind: 'refuted',
    counts: { ...CLEAN, undelivered: 2 },
    examples: [
      expect.stringMatching(
        new RegExp(
          `^user ${receipt.user} misses 2 of ${head} in channel ${receipt.channel}, the first is 2: ledger/clients-0\\.log:\\d+$`,
        ),
      ),
    ],
  });
});

test('reports the end that a member misses', () => {
  const history = cleanHistory(ROOMY);
  const { receipt, head } = longReceipt(history);
  receipt.ranges = [[1, head - 1]];
  const result = withLedgers(history, (ledgers) => allDelivered(ledgers));
  expect(result.counts).toEqual({ ...CLEAN, undelivered: 1 });
  expect(result.examples[0]).toContain(`the first is ${head}`);
});

test('counts a member who received nothing at all, and one without any line', () => {
  const history = cleanHistory(ROOMY);
  const { receipt, head } = longReceipt(history);
  receipt.ranges = [[1, 0]];
  const undelivered = () => withLedgers(history, (ledgers) => allDelivered(ledgers).counts);
  expect(undelivered()).toEqual({ ...CLEAN, undelivered: head });
  receipt.ranges = [];
  expect(undelivered()).toEqual({ ...CLEAN, undelivered: head });
});

test('overlapping ranges count once', () => {
  const history = cleanHistory(ROOMY);
  const { receipt, head } = longReceipt(history);
  receipt.ranges = [
    [1, 4],
    [2, 3],
    [3, head],
  ];
  expect(withLedgers(history, (ledgers) => allDelivered(ledgers)).kind).toBe('held');
});

test('reports a delivery that is in no row', () => {
  const history = cleanHistory(ROOMY);
  const { receipt, head } = longReceipt(history);
  receipt.ranges = [[1, head + 3]];
  expect(withLedgers(history, (ledgers) => allDelivered(ledgers))).toMatchObject({
    kind: 'refuted',
    counts: { ...CLEAN, beyondHead: 3 },
  });
});

test('reports somebody who received a channel without being a member', () => {
  const history = cleanHistory({ users: 40, shards: 1 });
  const direct = history.channels.find(({ kind }) => kind === 'direct');
  const stranger = [0, 1, 2].find((user) => direct?.members.includes(user) === false) ?? 0;
  history.extraLines[0]?.push(`G 9000 ${stranger} ${direct?.id} 0 7`);
  expect(withLedgers(history, (ledgers) => allDelivered(ledgers))).toMatchObject({
    kind: 'refuted',
    counts: { ...CLEAN, strangers: 1 },
  });
});

test('reports a place of a channel that has no row', () => {
  const history = cleanHistory(ROOMY);
  const { receipt } = longReceipt(history);
  const at = history.rows['db2']?.findIndex(
    ({ channel, sequence }) => channel === receipt.channel && sequence === 2,
  );
  history.rows['db2']?.splice(at ?? 0, 1);
  expect(withLedgers(history, (ledgers) => allDelivered(ledgers))).toMatchObject({
    kind: 'refuted',
    counts: { ...CLEAN, gaps: 1 },
    examples: [expect.stringContaining(`channel ${receipt.channel} has no sequence 2`)],
  });
});

test('does not know what an unfinished shard received, but does of a finished one', () => {
  const history = cleanHistory({ users: 8, perUser: 40, shards: 2 });
  history.unfinished.push(1);
  const last = history.received.filter(({ user }) => user >= 4);
  last.forEach((receipt) => (receipt.ranges = []));
  expect(withLedgers(history, (ledgers) => allDelivered(ledgers))).toMatchObject({
    kind: 'unknown',
    counts: CLEAN,
    detail: expect.stringContaining('the end of clients-1.log'),
  });
  const { receipt } = longReceipt(history);
  receipt.ranges = [];
  expect(withLedgers(history, (ledgers) => allDelivered(ledgers)).kind).toBe('refuted');
});

test('measures how many deliveries there had to be', () => {
  const history = cleanHistory();
  const heads = new Map<number, number>();
  for (const { channel } of history.sent) heads.set(channel, (heads.get(channel) ?? 0) + 1);
  const expected = history.channels.reduce(
    (sum, { id, members }) => sum + members.length * (heads.get(id) ?? 0),
    0,
  );
  const delivered = withLedgers(history, (ledgers) => measureDeliveries(ledgers));
  expect(delivered).toMatchObject({ received: expected, expected, undelivered: 0 });
});

test('does not know anything of an empty run', () => {
  expect(withLedgers(emptyHistory(), (ledgers) => allDelivered(ledgers))).toMatchObject({
    kind: 'unknown',
    counts: CLEAN,
  });
});
