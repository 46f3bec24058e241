/** The table of a selftest: each sabotage, whether it was found, by what, in how long. */
import type { OpenSabotage } from '../chaos/sabotage/sabotage.ts';
import type { Outcome, TurnReport } from './selftest.ts';

const NAME_WIDTH = 30;

const WORDS: Readonly<Record<Outcome['kind'], string>> = {
  found: 'found',
  green: 'green',
  'not-found': 'NOT FOUND',
  'wrong-reason': 'NOT FOUND',
  'not-green': 'NOT GREEN',
  'too-busy': 'TOO BUSY',
  broken: 'NOT DONE',
};
const WORD_WIDTH = 11;

function by(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'found':
      return outcome.by.join(', ');
    case 'wrong-reason':
      return `another reason: ${outcome.by.join(', ') || outcome.reasons.join(' ')}`;
    case 'not-found':
      return 'it passed';
    case 'not-green':
    case 'too-busy':
      return outcome.reasons.join(' ');
    case 'broken':
      return outcome.reason;
    case 'green':
      return '';
  }
}

export const isGood = ({ outcome }: TurnReport): boolean =>
  outcome.kind === 'found' || outcome.kind === 'green';

export function renderTurn(report: TurnReport): string {
  const { name, outcome, tookSec, run } = report;
  const took = `${tookSec.toFixed(0)} s`.padStart(5);
  const line = `${name.padEnd(NAME_WIDTH)} ${WORDS[outcome.kind].padEnd(WORD_WIDTH)} ${took}  ${by(outcome)}`;
  return isGood(report)
    ? line.trimEnd()
    : `${line}\n${' '.repeat(NAME_WIDTH + 1)}see ${run || '-'}`;
}

export function renderTable(reports: readonly TurnReport[], open: readonly OpenSabotage[]): string {
  const sabotages = reports.filter(({ isControl }) => !isControl);
  const controls = reports.filter(({ isControl }) => isControl);
  const found = sabotages.filter(isGood).length;
  const green = controls.filter(isGood).length;
  const sec = reports.reduce((sum, { tookSec }) => sum + tookSec, 0);
  return [
    `${'sabotage'.padEnd(NAME_WIDTH)} ${'result'.padEnd(WORD_WIDTH)} ${'took'.padStart(5)}  by`,
    ...reports.map(renderTurn),
    ...open.map(
      ({ name, open: why }) =>
        `${name.padEnd(NAME_WIDTH)} ${'open'.padEnd(WORD_WIDTH)}     -  ${why}`,
    ),
    '',
    `${found} of ${sabotages.length} sabotages found for the right reason, ${green} of ${controls.length} controls green, ${(sec / 60).toFixed(1)} min of runs`,
  ].join('\n');
}
