/** What the client ledger says of those who read history. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { clientLedgerFile, inRun } from '../run-directory.ts';
import { hasFinished } from './ledgers.ts';
import { cleanHistory, type History } from './run-history.fixture.ts';
import { ledgersOf, withLedgers, withRun } from './written-history.fixture.ts';

/** Users 0 and 3 of the first shard read history; user 0 was answered twice. */
function withReaders(): History {
  const history = cleanHistory({ users: 8, shards: 2 });
  history.readers = new Map([
    [0, 3],
    [3, 0],
  ]);
  history.timedLines[0]?.push([6_000, 'H 6000 0 1 0 1 0 5'], [7_000, 'H 7000 0 1 0 1 1 5']);
  return history;
}

test('reads what readers of history were shown, and how often they were not answered', () => {
  withLedgers(withReaders(), ({ clientProblems, records, shards }) => {
    expect(clientProblems).toEqual([]);
    expect(shards.map(({ header }) => header.readers)).toEqual([2, 0]);
    expect([...records.historyReads.view()].slice(0, 7)).toEqual([0, 1, 0, 1, 0, 5, 0]);
    expect(records.historyReads.view()).toHaveLength(16);
    expect(records.unansweredReads).toBe(1);
  });
});

test.each([
  [/^H 7000 .*\n/m, 'counts other answers than this reader has lines'],
  [/^Q \d+ 0 .*\n/m, 'clients-0.log says how 1 of 2 readers of history ended'],
])('a line of a reader that is gone is missed: %s', async (line, complaint) => {
  const history = withReaders();
  await withRun(history, async (run) => {
    const file = inRun(run, clientLedgerFile(0));
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(line, ''));
    const { shards, clientProblems } = ledgersOf(run, history);
    expect(clientProblems).toEqual([expect.stringContaining(complaint)]);
    expect(shards.map(hasFinished)).toEqual([false, true]);
  });
});

test('a ledger of before there were readers has none', async () => {
  const history = cleanHistory({ users: 4, shards: 1 });
  await withRun(history, async (run) => {
    const file = inRun(run, clientLedgerFile(0));
    writeFileSync(file, readFileSync(file, 'utf8').replace(',"readers":0', ''));
    const { shards, clientProblems } = ledgersOf(run, history);
    expect(clientProblems).toEqual([]);
    expect(shards[0]?.header.readers).toBe(0);
  });
});
