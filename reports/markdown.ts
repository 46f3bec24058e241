/**
 * The verdict as Markdown (`summary.md`), for a pull request or a job's
 * summary page: the answer, its figures and its reasons first, on one screen;
 * the tables below.
 *
 * GitHub's dialect (tables). All text from the run is escaped: a pipe, a
 * backtick or a tag in an example cannot change the page.
 */
import type { ExpectationReport, FaultReport } from '../chaos/findings.ts';
import {
  formatBound,
  formatCount,
  formatDuration,
  formatNumberOf,
  formatShare,
  formatTime,
  elsewhereInWords,
} from './figures.ts';
import { headlineOf } from './headline.ts';
import { messageClasses } from './message-classes.ts';
import { afforded, seconds, spread } from './by-kind-words.ts';
import type { ClaimStatus, Verdict } from './verdict.ts';

export function renderMarkdown(verdict: Verdict): string {
  const blocks = [
    ...summary(verdict),
    section('Faults', faultTable(verdict.faults)),
    elsewhereList(verdict.faults),
    skippedList(verdict),
    verdict.faults.length < 2 ? '' : section('Faults by kind', kindTables(verdict)),
    section('Messages', messageTable(verdict)),
    section('Checks', checkTable(verdict)),
    section('Preconditions', preconditionTable(verdict)),
    section('Claims', claimTable(verdict)),
    footer(verdict),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function summary(verdict: Verdict): readonly string[] {
  const { question, word, answer, figures } = headlineOf(verdict);
  const reasons = verdict.reasons.map((reason) => `- ${escapeMarkdown(reason)}`).join('\n');
  return [
    `# ${word}: ${escapeMarkdown(answer)}`,
    `*${escapeMarkdown(question)}*`,
    reasons,
    table(
      ['', '', ''],
      figures.map(({ label, value, note }) => [bold(label), bold(value), escapeMarkdown(note)]),
    ),
  ];
}

function faultTable(faults: readonly FaultReport[]): string {
  return table(
    [
      ...['fault', 'target', 'proven', 'expected', 'seen', 'silent', '99 % of load', 'redundant'],
      ...['new primary', 'budget'],
    ],
    faults.map((fault) => [
      escapeMarkdown(fault.kind),
      escapeMarkdown(fault.target),
      fault.proof.bitten ? 'yes' : bold('no'),
      escapeMarkdown(fault.expectation.expected),
      seenCell(fault.expectation),
      formatDuration(fault.recoveryMs.longestGap),
      formatDuration(fault.recoveryMs.load99),
      formatDuration(fault.recoveryMs.redundancyRestored),
      escapeMarkdown(fault.newPrimary ?? '–'),
      formatBound(fault.budgetSpent),
    ]),
  );
}

const elsewhereList = (faults: readonly FaultReport[]): string =>
  faults
    .filter(({ elsewhere }) => elsewhere !== null)
    .map((fault) => `- ${escapeMarkdown(`${fault.id}, ${elsewhereInWords(fault)}`)}`)
    .join('\n');

const skippedList = ({ skipped }: Verdict): string =>
  skipped.map(({ id, why }) => `- ${escapeMarkdown(`${id} skipped: ${why}`)}`).join('\n');

function kindTables({ recoveryByFault, failoversAMonth }: Verdict): string {
  const kinds = table(
    ['kind', 'faults', 'silent', '99 % of load', 'cost, with retries', 'cost, as sent'],
    Object.entries(recoveryByFault).map(([kind, times]) => [
      escapeMarkdown(kind),
      formatCount(times.faults),
      spread(times.longestGap),
      spread(times.load99),
      seconds(times.unavailableSec.withRetries),
      seconds(times.unavailableSec.asSent),
    ]),
  );
  const months = table(
    ['objective', 'failovers a month, with retries', 'as sent'],
    failoversAMonth.map(({ objective, withRetries, asSent }) => [
      formatShare(objective),
      afforded(withRetries),
      afforded(asSent),
    ]),
  );
  return [kinds, months].filter((block) => block !== '').join('\n\n');
}

const seenCell = ({ kind, seen }: ExpectationReport): string =>
  kind === 'met'
    ? escapeMarkdown(seen)
    : bold(`${kind === 'not-met' ? 'broken' : 'unknown'}: ${seen}`);

function messageTable({ messages }: Verdict): string {
  return table(
    ['messages', 'count', 'meaning'],
    messageClasses(messages).map(({ name, count, meaning, breaks }) => [
      name,
      breaks && count > 0 ? bold(formatCount(count)) : formatCount(count),
      escapeMarkdown(meaning),
    ]),
  );
}

function checkTable({ checks }: Verdict): string {
  const marks = {
    held: 'held',
    refuted: bold('refuted'),
    unknown: bold('unknown'),
    'not-tested': 'not tested',
  };
  return table(
    ['check', 'result', 'detail'],
    checks.map(({ title, kind, detail, examples }) => [
      escapeMarkdown(title),
      marks[kind],
      escapeMarkdown([detail, ...(kind === 'held' ? [] : examples.slice(0, 3))].join('; ')),
    ]),
  );
}

function preconditionTable({ preconditions }: Verdict): string {
  return table(
    ['precondition', 'met', 'measured', 'required'],
    preconditions.map(({ title, met, measured, required }) => [
      escapeMarkdown(title),
      met ? 'yes' : bold('no'),
      escapeMarkdown(measured),
      escapeMarkdown(required),
    ]),
  );
}

/** Claims that were looked at, one a row; those that were not, in one line. */
function claimTable({ claims }: Verdict): string {
  const of = (status: ClaimStatus) => claims.filter((claim) => claim.status === status);
  const [held, refuted, untested] = [of('held'), of('refuted'), of('not-tested')];
  const tested = table(
    ['claim', '', 'status', 'measured', 'required'],
    [...refuted, ...held].map(({ id, title, status, measured, required }) => [
      id,
      escapeMarkdown(title),
      status === 'held' ? 'held' : bold(status),
      escapeMarkdown(measured),
      escapeMarkdown(required),
    ]),
  );
  const counts = `${held.length} held, ${refuted.length} refuted, ${untested.length} not tested.`;
  const list = untested.map(({ id, title }) => `${id} ${escapeMarkdown(title)}`).join('; ');
  return [counts, tested, list === '' ? '' : `Not tested: ${list}.`]
    .filter((block) => block !== '')
    .join('\n\n');
}

function footer({ run, plan, window }: Verdict): string {
  const when = `${formatTime(window.from)}, ${formatNumberOf(Math.round(window.seconds), 'second')}`;
  return [
    `Run ${code(run)} (${when}), seed ${plan.seed}.`,
    `The full report is \`report.html\`; \`./holdfast check runs/${run.replaceAll('`', '')}\` judges the same evidence again.`,
  ].join(' ');
}

const section = (title: string, body: string): string =>
  body === '' ? '' : `## ${title}\n\n${body}`;

/** Cells are Markdown already; a table without rows is no table. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const bold = (text: string): string => `**${escapeMarkdown(text)}**`;
const code = (text: string): string => `\`${text.replaceAll('`', '')}\``;

/** Text that Markdown shows as it is, in a paragraph, a list or a table's cell. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s*[\r\n]+\s*/g, ' ')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/[\\`*_[\]|~#@!]/g, (character) => (character === '@' ? '&#64;' : `\\${character}`));
}
