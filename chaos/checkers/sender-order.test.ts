import { expect, test } from 'vitest';
import { cleanHistory, emptyHistory, type History } from '../ledger/run-history.fixture.ts';
import { withLedgers } from '../ledger/written-history.fixture.ts';
import { senderOrder } from './sender-order.ts';

/** Turns two messages of one sender round, as acknowledged and as stored. */
function turnRound(history: History): void {
  const first = history.sent[0];
  const second = history.sent.find(
    (each) => each.user === first?.user && each.channel === first.channel && each.n > first.n,
  );
  if (first === undefined || second === undefined) throw new Error('the history is too short');
  [first.sequence, second.sequence] = [second.sequence, first.sequence];
  for (const rows of Object.values(history.rows)) {
    for (const { user, n, sequence } of [first, second]) {
      const row = rows.find(({ key }) => key === `r1-${user}-${n}`);
      if (row !== undefined) row.sequence = sequence;
    }
  }
}

test('holds when a sender is stored in its order', () => {
  expect(withLedgers(cleanHistory(), senderOrder)).toMatchObject({
    id: 'reordered',
    kind: 'held',
    counts: { reordered: 0, membersSkipped: 0, deliveriesUnexplained: 0, deliveriesLate: 0 },
    examples: [],
  });
});

test('reports a message that stands behind a later one of its sender', () => {
  const history = cleanHistory();
  turnRound(history);
  expect(withLedgers(history, senderOrder)).toMatchObject({
    kind: 'refuted',
    counts: { reordered: 1 },
    examples: [
      expect.stringMatching(
        /^r1-0-0 at ledger\/rows-db1\.tsv:\d+ stands behind r1-0-\d, which was sent later$/,
      ),
    ],
  });
});

test('messages of different senders may stand in any order', () => {
  const history = cleanHistory({ perUser: 1 });
  expect(withLedgers(history, senderOrder).kind).toBe('held');
});

test('deliveries out of order are refuted, whether or not the member saw a gap', () => {
  const history = cleanHistory({ shards: 1 });
  const received = history.received[0];
  if (received !== undefined) received.reordered = 2;
  expect(withLedgers(history, senderOrder)).toMatchObject({
    kind: 'refuted',
    counts: { reordered: 0, membersSkipped: 0, deliveriesUnexplained: 2, deliveriesLate: 2 },
  });
  history.extraLines[0]?.push(`G 9000 ${received?.user} ${received?.channel} 3 5`);
  expect(withLedgers(history, senderOrder)).toMatchObject({
    kind: 'refuted',
    counts: { reordered: 0, membersSkipped: 1, deliveriesUnexplained: 0, deliveriesLate: 2 },
  });
});

test('a delivery that skipped ahead is refuted although the member got all in the end', () => {
  const history = cleanHistory({ shards: 1 });
  const { user, channel } = history.received[0] ?? {};
  history.extraLines[0]?.push(`G 9000 ${user} ${channel} 3 5`);
  expect(withLedgers(history, senderOrder)).toMatchObject({
    kind: 'refuted',
    examples: [`a delivery of channel ${channel} to user ${user} skipped ahead`],
  });
});

test('does not know anything of an empty run', () => {
  expect(withLedgers(emptyHistory(), senderOrder)).toMatchObject({ kind: 'unknown', examples: [] });
});
