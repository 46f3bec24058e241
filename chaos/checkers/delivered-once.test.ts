import { expect, test } from 'vitest';
import { cleanHistory, emptyHistory } from '../ledger/run-history.fixture.ts';
import { withLedgers } from '../ledger/written-history.fixture.ts';
import { deliveredOnce } from './delivered-once.ts';

function historyWithDuplicates() {
  const history = cleanHistory({ shards: 1 });
  const receipt = history.received[0];
  if (receipt === undefined) throw new Error('the history has no receipts');
  receipt.duplicates = 3;
  return { history, receipt };
}

test('holds when every delivery came once', () => {
  expect(withLedgers(cleanHistory(), deliveredOnce)).toMatchObject({
    id: 'delivered-twice',
    kind: 'held',
    counts: { deliveredTwice: 0, redelivered: 0 },
    examples: [],
  });
});

test('reports deliveries that came again without anybody asking', () => {
  const { history, receipt } = historyWithDuplicates();
  const words = `user ${receipt.user} got 3 deliveries of channel ${receipt.channel} again without asking`;
  expect(withLedgers(history, deliveredOnce)).toMatchObject({
    kind: 'refuted',
    counts: { deliveredTwice: 3, redelivered: 0 },
    examples: [expect.stringContaining(words)],
  });
});

test.each([
  ['saw a gap', (user: number, channel: number) => [`G 9000 ${user} ${channel} 2 4`]],
  ['reconnected', (user: number) => [`X 9000 ${user} 1006`, `C 9100 ${user} 1 20`]],
])('counts them apart where the member %s', (_, lines) => {
  const { history, receipt } = historyWithDuplicates();
  history.extraLines[0]?.push(...lines(receipt.user, receipt.channel));
  expect(withLedgers(history, deliveredOnce)).toMatchObject({
    kind: 'held',
    counts: { deliveredTwice: 0, redelivered: 3 },
  });
});

test('counts them apart where a sender of the channel had to send again', () => {
  const { history, receipt } = historyWithDuplicates();
  const message = history.sent.find(({ channel }) => channel === receipt.channel);
  message?.sentMs.push((message.sentMs[0] ?? 0) + 5);
  expect(message).toBeDefined();
  expect(withLedgers(history, deliveredOnce).counts).toEqual({ deliveredTwice: 0, redelivered: 3 });
});

test('does not know anything of an empty run', () => {
  expect(withLedgers(emptyHistory(), deliveredOnce).kind).toBe('unknown');
});
