import { expect, test } from 'vitest';
import { cleanHistory } from '../ledger/run-history.fixture.ts';
import { withLedgers } from '../ledger/written-history.fixture.ts';
import { checkAll } from './index.ts';

test('every result bears the name it is listed under', () => {
  const { checks } = withLedgers(cleanHistory(), checkAll);
  expect(checks.map(({ id }) => id)).toEqual([
    'lost',
    'duplicated',
    'reordered',
    'phantom',
    'undelivered',
    'visible-early',
    'delivered-twice',
    'wrong-delivery',
    'stale-reads',
    'wrong-history',
    'ambiguous',
    'nodes-agree',
  ]);
});

test('a checker that crashes knows nothing, and the others go on', () => {
  const history = cleanHistory();
  history.rows['db3']?.splice(2, 1);
  const { checks, delivered } = withLedgers(history, (ledgers) => {
    const broken = () => {
      throw new RangeError('receipts are out of reach');
    };
    const receipts = { push: broken, view: broken };
    return checkAll({ ...ledgers, records: { ...ledgers.records, receipts } });
  });
  const kinds = Object.fromEntries(checks.map(({ id, kind }) => [id, kind]));
  expect(kinds).toMatchObject({ undelivered: 'unknown', 'delivered-twice': 'unknown' });
  expect(kinds).toMatchObject({ lost: 'refuted', duplicated: 'held' });
  expect(checks.find(({ id }) => id === 'undelivered')?.detail).toBe(
    'It crashed: receipts are out of reach',
  );
  expect(delivered.received).toBe(0);
});
