/** Sabotages of the evidence: done to a copy of a green run's directory, before it is judged. */
import { copyFile, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { clientLedgerFile, inRun, rowLedgerFile, runFiles } from '../run-directory.ts';
import { calm, primaryDies } from './circumstances.ts';
import type { Circumstances, Sabotage } from './sabotage.ts';

async function halve(file: string): Promise<void> {
  const bytes = await readFile(file);
  await truncate(file, Math.floor(bytes.length / 2));
}

/** Without the lines for which `isCut` says so. */
async function cutLines(file: string, isCut: (line: string) => boolean): Promise<void> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  await writeFile(file, lines.filter((line) => !isCut(line)).join('\n'));
}

/** Removes the first line that matches; there has to be one. */
async function cutOne(file: string, matches: (line: string) => boolean): Promise<void> {
  let cut: string | undefined;
  await cutLines(file, (line) => {
    if (cut !== undefined || !matches(line)) return false;
    cut = line;
    return true;
  });
  if (cut === undefined) throw new Error(`${file} has no line to cut`);
}

/** From every node, their counts mended, as somebody would who wants to hide it. */
async function cutRow(run: string): Promise<void> {
  for (const node of ['db1', 'db2', 'db3', 'db4']) {
    const file = inRun(run, rowLedgerFile(node));
    await cutOne(file, (line) => line.includes('\t'));
    const text = await readFile(file, 'utf8');
    const rows = text.split('\n').filter((line) => line.includes('\t')).length;
    await writeFile(file, text.replace(/"rows":\d+/, `"rows":${rows}`));
  }
}

const forged = (
  name: string,
  breaks: string,
  expects: Sabotage['expects'],
  afterwards: (run: string) => Promise<void>,
  circumstances: Circumstances = calm,
): Sabotage => ({ name, breaks, circumstances, rigs: [], expects, afterwards });

const doubt = (...by: string[]): Sabotage['expects'] => ({ verdict: 'inconclusive', by });
const fail = (...by: string[]): Sabotage['expects'] => ({ verdict: 'fail', by });

export const EVIDENCE_SABOTAGES: readonly Sabotage[] = [
  forged(
    'client-ledger-truncated',
    'Half of what a generator wrote down is gone.',
    doubt('shards-finished', 'ledgers-whole'),
    (run) => halve(inRun(run, clientLedgerFile(0))),
  ),
  forged(
    'client-ledger-missing',
    'All that a generator wrote down is gone.',
    doubt('ledgers-whole', 'shards-finished'),
    (run) => rm(inRun(run, clientLedgerFile(1))),
  ),
  forged(
    'client-ledger-copied',
    'What one generator wrote down stands for another, too.',
    doubt('ledgers-whole'),
    (run) => copyFile(inRun(run, clientLedgerFile(0)), inRun(run, clientLedgerFile(1))),
  ),
  forged(
    'receipts-removed',
    'One member’s word on what it received is gone.',
    fail('undelivered'),
    (run) => cutOne(inRun(run, clientLedgerFile(0)), (line) => /^R .* [1-9]\d* 0 0$/.test(line)),
  ),
  forged(
    'row-ledger-truncated',
    'Half of what a database node holds was not written down.',
    doubt('rows-complete', 'ledgers-whole'),
    (run) => halve(inRun(run, rowLedgerFile('db3'))),
  ),
  forged('row-removed', 'A row is gone from all nodes, its count mended.', fail('lost'), cutRow),
  forged('event-log-truncated', 'Half of the event log is gone.', doubt('run-complete'), (run) =>
    halve(inRun(run, runFiles.events)),
  ),
  forged(
    'proof-removed',
    'What was seen of the fault is gone from the event log.',
    doubt('faults-proven'),
    (run) => cutOne(inRun(run, runFiles.events), (line) => line.includes('"fault-proof"')),
    primaryDies,
  ),
];
