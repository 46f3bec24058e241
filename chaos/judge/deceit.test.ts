/**
 * Run directories edited by hand: whatever is done to the evidence of a good
 * run, short of writing another consistent one, must not leave it green.
 */
import { appendFileSync, cpSync, readFileSync, renameSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judgeClaims } from '../../reports/claims/index.ts';
import { verdictOf, type Verdict } from '../../reports/verdict.ts';
import { judge } from '../judge.ts';
import { cleanHistory, historyLine, type History } from '../ledger/run-history.fixture.ts';
import { withRun } from '../ledger/written-history.fixture.ts';
import { clientLedgerFile, rowLedgerFile, runFiles } from '../run-directory.ts';
import { all, type Edit, rewrite, withoutLine, withoutLines } from './edited-run.fixture.ts';

const GOOD = { users: 40, perUser: 20, faultAtMs: 8_000 };
const CLIENTS = clientLedgerFile(0);
const OTHERS = clientLedgerFile(1);
const ROWS = rowLedgerFile('db2');

/** Users 1 and 2 read history in the quiet before the fault. */
function good(): History {
  const history = cleanHistory(GOOD);
  for (const user of [1, 2]) {
    const channel = history.channels.find(({ members }) => members.includes(user))?.id ?? 0;
    [6_000, 9_000, 12_000].forEach((atMs, at) => {
      const line = historyLine(history, atMs, { user, channel, to: at, known: at });
      history.timedLines[0]?.push([atMs, line]);
    });
    history.readers.set(user, 3);
  }
  return history;
}

async function judged(edit: Edit): Promise<Verdict> {
  return withRun(good(), async (run) => {
    edit(run);
    const judgement = await judge(run);
    return verdictOf(judgement.findings, judgeClaims(judgement));
  });
}

const NODES = ['db1', 'db2', 'db3', 'db4'].map(rowLedgerFile);
const onAllNodes = (edit: (file: string) => Edit): Edit => all(...NODES.map(edit));
const fewerRows = (text: string): string =>
  text.replace(/"rows":(\d+)/, (_, rows: string) => `"rows":${Number(rows) - 1}`);
/** A row taken out together with what would tell that it was there. */
const withoutRow = (file: string, key: string): Edit =>
  all(
    withoutLine(file, (line) => line.startsWith(`${key}\t`)),
    rewrite(file, fewerRows),
  );
const LAST_OF_USER_1 = 'r1-1-19';

test('the run that all these were made from passes', async () => {
  expect((await judged(() => undefined)).verdict).toBe('pass');
});

test.each<[string, Edit]>([
  ['a sent line removed', withoutLine(CLIENTS, (line) => line.startsWith('S '))],
  [
    'a message removed from the client ledger, with its acknowledgement',
    withoutLines(CLIENTS, (line) => /^[SA] \d+ 1 3 /.test(line)),
  ],
  ['a range of deliveries removed', withoutLine(CLIENTS, (line) => line.startsWith('R '))],
  ['all ranges of deliveries removed', withoutLines(CLIENTS, (line) => line.startsWith('R '))],
  ['an answer to a reader of history removed', withoutLine(CLIENTS, (line) => /^H /.test(line))],
  [
    'a reader of history removed with all its answers',
    withoutLines(CLIENTS, (line) => /^[HQ] \d+ 1 /.test(line)),
  ],
  [
    'all readers of history removed',
    withoutLines(CLIENTS, (line) => line.startsWith('H ') || line.startsWith('Q ')),
  ],
  [
    'an answer that shows less than its reader knew',
    rewrite(CLIENTS, (text) => text.replace(/^(H \d+ 1 \d+) 2 /m, '$1 3 ')),
  ],
  [
    'an answer that shows other messages',
    rewrite(CLIENTS, (text) => text.replace(/^(H \d+ 1 \d+ 2 1 2) \d+$/m, '$1 7')),
  ],
  [
    'no word on whether the fault was still there before its heal',
    withoutLine(runFiles.events, (line) => line.includes('"fault-held"')),
  ],
  [
    'a fault that lasts and was not there any more before its heal',
    rewrite(runFiles.events, (text) =>
      text.replace(
        '"lasts":false,"observations":[]',
        '"lasts":true,"observations":[{"what":"process","seen":"it runs","ok":false}]',
      ),
    ),
  ],
  ['the last line removed', withoutLine(CLIENTS, (line) => line.startsWith('F '))],
  ['a row removed with its count', withoutRow(ROWS, LAST_OF_USER_1)],
  ['a row removed on every node', onAllNodes((file) => withoutRow(file, LAST_OF_USER_1))],
  [
    'every row removed on every node, and every acknowledgement',
    all(
      onAllNodes((file) =>
        rewrite(file, (text) =>
          text
            .split('\n')
            .filter((line) => !line.startsWith('r1-'))
            .join('\n')
            .replace(/"rows":\d+/, '"rows":0'),
        ),
      ),
      withoutLines(CLIENTS, (line) => line.startsWith('A ')),
      withoutLines(OTHERS, (line) => line.startsWith('A ')),
    ),
  ],
  [
    'the rows of one node copied over those of another',
    (run) => cpSync(join(run, rowLedgerFile('db1')), join(run, ROWS)),
  ],
  ['rows of another run', rewrite(ROWS, (text) => text.replace('"made-up"', '"another"'))],
  [
    'keys of another run',
    onAllNodes((file) => rewrite(file, (text) => text.replaceAll('r1-', 'r2-'))),
  ],
  [
    'a generator of another run',
    rewrite(OTHERS, (text) => text.replace('"run":"made-up"', '"run":"another"')),
  ],
  [
    'client ledgers that changed places',
    (run) => {
      renameSync(join(run, CLIENTS), join(run, 'ledger/swap'));
      renameSync(join(run, OTHERS), join(run, CLIENTS));
      renameSync(join(run, 'ledger/swap'), join(run, OTHERS));
    },
  ],
  ['a client ledger twice', (run) => cpSync(join(run, CLIENTS), join(run, clientLedgerFile(2)))],
  ['an empty client ledger', (run) => truncateSync(join(run, CLIENTS))],
  ['no client ledger', (run) => rmSync(join(run, CLIENTS))],
  ['an empty row ledger', (run) => truncateSync(join(run, ROWS))],
  ['an empty event log', (run) => truncateSync(join(run, runFiles.events))],
  ['an empty population', (run) => truncateSync(join(run, runFiles.population))],
  [
    'an empty population, and no ranges of deliveries',
    all(
      (run) => truncateSync(join(run, runFiles.population)),
      withoutLines(CLIENTS, (line) => line.startsWith('R ')),
      withoutLines(OTHERS, (line) => line.startsWith('R ')),
    ),
  ],
  [
    'a member taken out of a channel, with what it received',
    all(
      rewrite(runFiles.population, (text) => text.replace(/("members":\[(?:\d+,)*)0,/g, '$1')),
      withoutLines(CLIENTS, (line) => /^R \d+ 0 /.test(line)),
    ),
  ],
  [
    'a channel twice in the population',
    (run) => {
      const [first = ''] = readFileSync(join(run, runFiles.population), 'utf8').split('\n');
      appendFileSync(join(run, runFiles.population), `${first}\n`);
    },
  ],
  ['an empty list of samples', (run) => truncateSync(join(run, runFiles.usage))],
  [
    'a client ledger of another format',
    rewrite(CLIENTS, (text) => text.replace('clients/1', 'clients/2')),
  ],
  ['a row ledger of another format', rewrite(ROWS, (text) => text.replace('rows/1', 'rows/2'))],
  [
    'one database node forgotten, with its rows',
    all(
      rewrite(runFiles.environment, (text) => text.replace(',"db4"', '')),
      (run) => rmSync(join(run, rowLedgerFile('db4'))),
    ),
  ],
  [
    'every database node forgotten',
    rewrite(runFiles.environment, (text) => text.replace(/\["db1".*?\]/, '[]')),
  ],
  [
    'a clock of a generator that jumps by a minute',
    rewrite(OTHERS, (text) =>
      text.replace(/"epochMs":(\d+)/, (_, ms: string) => `"epochMs":${Number(ms) + 60_000}`),
    ),
  ],
  [
    'a window that begins after the trouble',
    rewrite(runFiles.events, (text) =>
      text.replace(
        /"atMs":(\d+),"kind":"window-began"/,
        (_, ms: string) => `"atMs":${Number(ms) + 20_000},"kind":"window-began"`,
      ),
    ),
  ],
  [
    'a window that ends before the trouble',
    rewrite(runFiles.events, (text) =>
      text.replace(
        /"atMs":(\d+),"kind":"window-ended"/,
        (_, ms: string) => `"atMs":${Number(ms) - 34_000},"kind":"window-ended"`,
      ),
    ),
  ],
  [
    'huge sequences',
    rewrite(CLIENTS, (text) => text.replace(/^A (\d+ 1 3) \d+$/m, 'A $1 2147483647')),
  ],
  [
    'a number that does not fit',
    rewrite(CLIENTS, (text) => text.replace(/^A (\d+ 1 3) \d+$/m, 'A $1 9999999999999')),
  ],
  [
    'a huge message number',
    rewrite(CLIENTS, (text) => text.replace(/^S (\d+ 1) 3 /m, 'S $1 2147483647 ')),
  ],
  [
    'a range of deliveries without end',
    rewrite(CLIENTS, (text) => text.replace(/^(R \d+ \d+ \d+ 1) \d+/m, '$1 2147483647')),
  ],
  [
    'duplicates that another count takes away again',
    rewrite(CLIENTS, (text) => text.replace(/^(R .*) 0 0\n(R .*) 0 0\n/m, '$1 3 0\n$2 -3 0\n')),
  ],
  [
    'a row at place 0',
    onAllNodes((file) =>
      rewrite(file, (text) =>
        text
          .replace(/\n(r1-\d+-\d+\t\d+)\t1\t(.*)\n/, '\n$1\t0\t$2\n$1\t1\t$2\n')
          .replace(/"rows":(\d+)/, (_, rows: string) => `"rows":${Number(rows) + 1}`),
      ),
    ),
  ],
  [
    'another seed in the plan',
    rewrite(runFiles.plan, (text) => text.replace('"seed":7', '"seed":8')),
  ],
  [
    'fewer users in the plan',
    rewrite(runFiles.plan, (text) => text.replace('"users":40', '"users":20')),
  ],
  [
    'another interval in the plan',
    rewrite(runFiles.plan, (text) => text.replace('"intervalSec":2', '"intervalSec":4')),
  ],
  [
    'another fault in the plan',
    rewrite(runFiles.plan, (text) => text.replace('kill-postgres', 'kill-server')),
  ],
  [
    'no fault in the plan',
    rewrite(runFiles.plan, (text) => text.replace(/"faults":\[.*?\]/, '"faults":[]')),
  ],
  [
    'a longer steady phase in the plan',
    rewrite(runFiles.plan, (text) => text.replace('"steadySec":8', '"steadySec":80')),
  ],
  [
    'what the service had to do taken out',
    rewrite(runFiles.events, (text) => text.replace(/,"expects":\{.*?\}/, '')),
  ],
  [
    'a promise that cannot be',
    rewrite(runFiles.events, (text) => text.replace('"withinMs":5000', '"withinMs":-1')),
  ],
  [
    'a promise tighter than what was seen',
    rewrite(runFiles.events, (text) => text.replace('"withinMs":5000', '"withinMs":1000')),
  ],
  [
    'the event log twice',
    (run) => {
      const text = readFileSync(join(run, runFiles.events), 'utf8');
      appendFileSync(join(run, runFiles.events), text);
    },
  ],
])('%s is not green', async (_, edit) => {
  const verdict = await judged(edit);
  expect(verdict.verdict).not.toBe('pass');
  expect(verdict.reasons).not.toEqual([]);
});

test('a ledger that stands for another, too, is no evidence against the service', async () => {
  const { verdict, checks } = await judged((run) => cpSync(join(run, CLIENTS), join(run, OTHERS)));
  expect(verdict).toBe('inconclusive');
  expect(checks.filter(({ kind }) => kind === 'refuted')).toEqual([]);
});
