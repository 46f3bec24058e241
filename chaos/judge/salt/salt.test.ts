import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { checkAll, type Checked } from '../../checkers/index.ts';
import type { Precondition } from '../../findings.ts';
import { cleanHistory, historyLine, type History } from '../../ledger/run-history.fixture.ts';
import { ledgersOf, withRun } from '../../ledger/written-history.fixture.ts';
import { inRun, rowLedgerFile } from '../../run-directory.ts';
import { saltNoticed } from './salt.ts';

// A machine that is busy otherwise takes ten times as long as an idle one.
vi.setConfig({ testTimeout: 60_000 });

const LARGE = { users: 30, perUser: 12 };

const salt = (
  history: History,
  seed = 1,
  blind: (checked: Checked) => Checked = (checked) => checked,
): Promise<Precondition> =>
  withRun(history, (run) => {
    const ledgers = ledgersOf(run, history);
    return Promise.resolve(saltNoticed(run, ledgers, blind(checkAll(ledgers)), seed));
  });

test('all four defects are noticed, whatever the run and wherever they are put', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 20, max: 40 }),
      fc.integer({ min: 10, max: 15 }),
      fc.integer({ min: 0, max: 0x7fff_ffff }),
      async (users, perUser, seed) => {
        const { met, measured } = await salt(cleanHistory({ users, perUser, seed }), seed);
        expect(measured).toMatch(/^5 of 5; noticed: r1-\d+-\d+ removed on db\d, /);
        expect(met).toBe(true);
      },
    ),
    { numRuns: 20 },
  );
});

test('where users read history, two more defects are noticed, wherever they are put', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 0x7fff_ffff }),
      fc.array(fc.tuple(fc.nat(29), fc.integer({ min: 1, max: 3 })), { minLength: 1 }),
      async (seed, reads) => {
        const history = cleanHistory({ ...LARGE, shards: 1 });
        for (const [user, to] of reads) {
          const { channel } = history.sent.find((each) => each.user === user) ?? { channel: 1 };
          const line = historyLine(history, 6_000, { user, channel, to });
          history.timedLines[0]?.push([6_000, line]);
        }
        const { met, measured } = await salt(history, seed);
        expect(measured).toMatch(/^7 of 7; noticed: .*shown channel \d+ otherwise than stored/);
        expect(met).toBe(true);
      },
    ),
    { numRuns: 20 },
  );
});

test('the same seed salts the same places, another seed others', async () => {
  const [first, again, other] = await Promise.all(
    [5, 5, 6].map((seed) => salt(cleanHistory(LARGE), seed)),
  );
  expect(again).toEqual(first);
  expect(other?.measured).not.toBe(first?.measured);
});

test('a run that has lost something already is salted elsewhere, and that is noticed too', async () => {
  const history = cleanHistory(LARGE);
  history.rows['db2']?.splice(4, 2);
  expect(await salt(history)).toMatchObject({ met: true });
});

test('salt that no checker notices is named, and the precondition is not met', async () => {
  // What a checker that always counts the same would show.
  const stuck = (checked: Checked): Checked => ({
    ...checked,
    checks: checked.checks.map((check) =>
      check.id === 'lost' ? { ...check, counts: { ...check.counts, missing: 9 } } : check,
    ),
  });
  const { met, measured } = await salt(cleanHistory(LARGE), 1, stuck);
  expect(met).toBe(false);
  expect(measured).toMatch(/^4 of 5; noticed: .*; not noticed: r1-\d+-\d+ removed on db\d$/);
});

test('a run too small to be salted says so, and the precondition is not met', async () => {
  const { met, measured } = await salt(cleanHistory({ users: 2, perUser: 1, shards: 1 }));
  expect(met).toBe(false);
  expect(measured).toContain('the run is too small to try: ');
  expect(measured).toContain('two rows swapped');
});

test('without a node whose rows are complete nothing is tried, and without deliveries no delivery', async () => {
  const rowless = cleanHistory(LARGE);
  rowless.rows = {};
  expect(await salt(rowless)).toMatchObject({
    met: false,
    measured: 'not tried: no database node was read to its end',
  });
  const silent = cleanHistory(LARGE);
  silent.received = [];
  expect((await salt(silent)).measured).toContain('too small to try: a delivery removed');
});

test('the evidence on the disk stays as it is', async () => {
  const history = cleanHistory(LARGE);
  await withRun(history, (run) => {
    const sums = (): string[] =>
      history.nodes.map((node) =>
        createHash('sha256')
          .update(readFileSync(inRun(run, rowLedgerFile(node))))
          .digest('hex'),
      );
    const before = sums();
    const ledgers = ledgersOf(run, history);
    const receipts = [...ledgers.records.receipts.view()];
    expect(saltNoticed(run, ledgers, checkAll(ledgers), 3).met).toBe(true);
    expect(sums()).toEqual(before);
    expect([...ledgers.records.receipts.view()]).toEqual(receipts);
    return Promise.resolve();
  });
});
