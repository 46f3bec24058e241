import { expect, test } from 'vitest';
import { EPOCH_MS } from '../ledger/run-events.fixture.ts';
import { cleanHistory } from '../ledger/run-history.fixture.ts';
import { withLedgers } from '../ledger/written-history.fixture.ts';
import { ambiguousInFailovers } from './ambiguity.ts';

const STRUCK_MS = 10_000;
const FAILOVER = {
  struckMs: EPOCH_MS + STRUCK_MS,
  promotedMs: EPOCH_MS + 11_500,
  overMs: EPOCH_MS + 12_000,
};

/** Messages of one user each; milliseconds after the epoch. */
const ambiguousOf = (...messages: readonly [sentMs: number, answeredMs: number | null][]) => {
  const history = cleanHistory({ users: messages.length, perUser: 1, shards: 1 });
  messages.forEach(([sentMs, acknowledgedMs], index) => {
    const message = history.sent[index];
    if (message !== undefined) Object.assign(message, { sentMs: [sentMs], acknowledgedMs });
  });
  return withLedgers(history, (ledgers) => ambiguousInFailovers(ledgers, [FAILOVER]));
};

test('what was under way at the strike and is answered by the next primary was open', () => {
  expect(ambiguousOf([9_990, 11_600], [9_000, 9_010])).toBe(1);
});

test('a primary that answers on after the strike is lost with its last answer', () => {
  expect(ambiguousOf([9_990, 10_120], [10_080, 11_600], [10_300, 11_610])).toBe(1);
});

test('what the old primary answered was not open, nor what was sent when it was gone', () => {
  expect(ambiguousOf([9_990, 10_120], [10_300, 11_610])).toBe(0);
});

test('one that was never answered was open only if it was sent shortly before', () => {
  expect(ambiguousOf([9_990, null], [1_000, null])).toBe(1);
});
