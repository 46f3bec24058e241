import { expect, test } from 'vitest';
import { cleanHistory, emptyHistory } from '../ledger/run-history.fixture.ts';
import { withLedgers } from '../ledger/written-history.fixture.ts';
import { ambiguousSends } from './ambiguous-sends.ts';

test('counts none when everything was acknowledged', () => {
  expect(withLedgers(cleanHistory(), ambiguousSends)).toEqual({
    id: 'ambiguous',
    title: 'Messages without an acknowledgement are counted, and owed nothing',
    kind: 'held',
    counts: { ambiguous: 0, stored: 0, absent: 0 },
    examples: [],
    detail: 'Legal: sent, never acknowledged. Errors the service answered with: none.',
  });
});

test('counts those that are stored and those that are not, and stays held', () => {
  const history = cleanHistory({ shards: 1 });
  for (const n of [1, 4]) {
    const message = history.sent.find((each) => each.user === 0 && each.n === n);
    if (message !== undefined) message.acknowledgedMs = null;
  }
  for (const rows of Object.values(history.rows)) {
    rows.splice(
      rows.findIndex(({ key }) => key === 'r1-0-4'),
      1,
    );
  }
  history.extraLines[0]?.push('E 9000 0 4 5', 'E 9100 0 4 5');
  expect(withLedgers(history, ambiguousSends)).toMatchObject({
    kind: 'held',
    counts: { ambiguous: 2, stored: 1, absent: 1 },
    examples: [expect.stringContaining('r1-0-1 (sent'), expect.stringContaining('r1-0-4 (sent')],
    detail: 'Legal: sent, never acknowledged. Errors the service answered with: busy 2.',
  });
});

test('does not know anything of an empty run', () => {
  expect(withLedgers(emptyHistory(), ambiguousSends)).toMatchObject({
    kind: 'unknown',
    counts: { ambiguous: 0, stored: 0, absent: 0 },
  });
});
