/** Sabotages of the evidence: done to the run directory after the run, before it is judged. */
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
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

const doubted = (
  name: string,
  breaks: string,
  by: readonly string[],
  afterwards: (run: string) => Promise<void>,
  circumstances: Circumstances = calm,
): Sabotage => ({
  ...{ name, breaks, circumstances, afterwards, rigs: [] },
  expects: { verdict: 'inconclusive', by },
});

export const EVIDENCE_SABOTAGES: readonly Sabotage[] = [
  doubted(
    'client-ledger-truncated',
    'Half of what a generator wrote down is gone.',
    ['shards-finished', 'ledgers-whole'],
    (run) => halve(inRun(run, clientLedgerFile(0))),
  ),
  doubted(
    'client-ledger-missing',
    'All that a generator wrote down is gone.',
    ['ledgers-whole', 'shards-finished'],
    (run) => rm(inRun(run, clientLedgerFile(1))),
  ),
  doubted(
    'row-ledger-truncated',
    'Half of what a database node holds was not written down.',
    ['rows-complete', 'ledgers-whole'],
    (run) => halve(inRun(run, rowLedgerFile('db3'))),
  ),
  doubted(
    'proof-removed',
    'What was seen of the fault is gone from the event log.',
    ['faults-proven'],
    (run) => cutLines(inRun(run, runFiles.events), (line) => line.includes('"fault-proof"')),
    primaryDies,
  ),
];
