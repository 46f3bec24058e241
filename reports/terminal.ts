/**
 * The verdict for a terminal: at most `width` columns, readable without
 * colour, and without knowing the program.
 *
 * Control characters in anything from the run are shown, not obeyed: evidence
 * must not be able to move the cursor. The caller adds where the report is.
 */
import type { FaultReport } from '../chaos/findings.ts';
import { wordsOf } from '../chaos/judge/expectations.ts';
import { elsewhereInWords, formatBound, formatCount, formatDuration } from './figures.ts';
import { headlineOf, type HeadlineFigure } from './headline.ts';
import { messageClasses } from './message-classes.ts';
import { linesByKind } from './by-kind-words.ts';
import type { Verdict, VerdictKind } from './verdict.ts';

export interface TerminalOptions {
  readonly color: boolean;
  /** Columns; text is wrapped at 80 or fewer. */
  readonly width: number;
}

/** Longer lines are hard to read, however wide the terminal is. */
const COLUMNS_MAX = 80;
/** Narrower than this, wrapping makes things worse. */
const COLUMNS_MIN = 40;

/** SGR codes: bold with a colour for the verdict, colour alone inside. */
const STYLES = { good: '32', bad: '31', warn: '33', dim: '2', bold: '1' } as const;
type Style = keyof typeof STYLES;
type Paint = (style: Style, text: string) => string;

const TONES: Readonly<Record<VerdictKind, Style>> = {
  pass: 'good',
  fail: 'bad',
  inconclusive: 'warn',
};

/** Text with a newline at the end. */
export function renderTerminal(verdict: Verdict, { color, width }: TerminalOptions): string {
  const columns = Math.max(COLUMNS_MIN, Math.min(width, COLUMNS_MAX));
  const paint: Paint = (style, text) => (color ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text);
  const { question, word, answer, figures } = headlineOf(verdict);
  const blocks = [
    wrap(question, columns, '').map((line) => paint('dim', line)),
    answerLines(paint('bold', paint(TONES[verdict.verdict], word)), word, answer, columns),
    verdict.reasons.flatMap((reason) => wrap(reason, columns, '    ', '  - ')),
    figures.flatMap((figure) => figureLines(figure, columns, paint)),
    shownFaults(verdict).flatMap((fault) => faultLines(fault, columns, paint)),
    restLines(verdict, columns),
    [...messageLines(verdict, columns, paint), ...claimLines(verdict, columns)],
  ];
  const filled = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${filled.join('\n\n')}\n`;
}

function answerLines(painted: string, word: string, answer: string, columns: number): string[] {
  const [first = '', ...rest] = wrap(answer, columns, ' '.repeat(word.length + 2), `${word}  `);
  return [`${painted}${first.slice(word.length)}`, ...rest];
}

/** The longest label, its indent, and room after it. */
const LABEL_COLUMNS = 27;

function figureLines({ label, value, note, tone }: HeadlineFigure, columns: number, paint: Paint) {
  const head = `  ${label}`.padEnd(LABEL_COLUMNS);
  const lines = wrap(note, columns, ' '.repeat(LABEL_COLUMNS), `${head}${value}  `);
  const painted = paint(tone === 'bad' ? 'bad' : 'bold', value);
  const plain = head.length + value.length;
  return lines.map((line, index) =>
    index === 0 ? `${head}${painted}${paint('dim', line.slice(plain))}` : paint('dim', line),
  );
}

/** More than this, and only those are listed that need to be looked at. */
const FAULTS_MAX = 6;

const isAsExpected = ({ proof, expectation }: FaultReport): boolean =>
  proof.bitten && expectation.kind === 'met';

const shownFaults = ({ faults }: Verdict): readonly FaultReport[] =>
  faults.length <= FAULTS_MAX ? faults : faults.filter((fault) => !isAsExpected(fault));

/** Faults that are not listed, those that were skipped, and all by their kind. */
function restLines(verdict: Verdict, columns: number): string[] {
  const { faults, skipped } = verdict;
  const left = faults.length - shownFaults(verdict).length;
  return [
    ...(left === 0
      ? []
      : [`${formatCount(left)} faults bit, and the service did what it promises`]),
    ...skipped.map(({ id, why }) => `${id} skipped: ${why}`),
    ...(faults.length < 2 ? [] : linesByKind(verdict)),
  ].flatMap((line) => wrap(line, columns, '    ', '  '));
}

function faultLines(fault: FaultReport, columns: number, paint: Paint): string[] {
  const name = printable(`${fault.kind} on ${fault.target}`);
  const { firstAcknowledgement, load99, redundancyRestored } = fault.recoveryMs;
  const parts = [
    fault.newPrimary === null ? '' : `new primary ${fault.newPrimary}`,
    `first acknowledgement ${formatDuration(firstAcknowledgement)}`,
    `99\u202f% of the load ${formatDuration(load99)}`,
    `redundant ${formatDuration(redundancyRestored)}`,
    fault.budgetSpent === null ? '' : `${formatBound(fault.budgetSpent)} of the error budget`,
  ].filter((part) => part !== '');
  const [style, proven]: readonly [Style, string] = fault.proof.bitten
    ? ['good', 'bitten']
    : ['warn', fault.injectedAt === null ? 'never injected' : 'not proven to have bitten'];
  const names = wrap(name, columns, '  ').map((line) => paint('bold', line));
  const head =
    names.length === 1 && name.length + proven.length + 4 <= columns
      ? [`${names.join('')}  ${paint(style, proven)}`]
      : [...names, `    ${paint(style, proven)}`];
  return [
    ...head,
    ...wrap(parts.join(', '), columns, '    '),
    ...(fault.elsewhere === null ? [] : wrap(elsewhereInWords(fault), columns, '    ')),
    ...wrap(wordsOf(fault.expectation), columns, '    ').map((line) =>
      fault.expectation.kind === 'met'
        ? line
        : paint(fault.expectation.kind === 'not-met' ? 'bad' : 'warn', line),
    ),
  ];
}

function messageLines({ messages }: Verdict, columns: number, paint: Paint): string[] {
  const counts = messageClasses(messages).slice(2);
  const text = counts.map(({ name, count }) => `${name} ${formatCount(count)}`).join(', ');
  const bad = counts.some(({ breaks, count }) => breaks && count > 0);
  return wrap(text, columns, '            ', '  Messages  ').map((line) =>
    bad ? paint('bad', line) : line,
  );
}

function claimLines(verdict: Verdict, columns: number): string[] {
  const { scope } = headlineOf(verdict);
  return scope === '' ? [] : wrap(scope, columns, '            ', '  Claims    ');
}

/** Lines of at most `columns`, the first after `firstIndent`, the others after `indent`; an overlong word is cut. */
export function wrap(
  text: string,
  columns: number,
  indent: string,
  firstIndent = indent,
): string[] {
  const lines: string[] = [];
  let line = firstIndent;
  let empty = true;
  for (const word of printable(text)
    .split(/ +/)
    .flatMap(cutTo(columns - indent.length))) {
    const started = !empty || line.length > indent.length;
    if (started && line.length + 1 + word.length > columns) {
      lines.push(line.trimEnd());
      line = indent;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return empty ? lines : [...lines, line];
}

const cutTo = (columns: number) => (word: string) =>
  word.match(new RegExp(`.{1,${columns}}`, 'gu')) ?? [];

/** Control characters as U+FFFD, line breaks as blanks. */
export const printable = (text: string): string =>
  text.replace(/[\r\n\t]+/g, ' ').replace(/\p{Cc}|\p{Bidi_Control}/gu, '\ufffd');
