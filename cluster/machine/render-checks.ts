/**
 * The doctor's findings as plain lines: what, how it stands, what was found, what follows, and the
 * exact commands where there is something to mend. No colour: the same text serves a terminal, a
 * pipe and an error message.
 */
import type { CheckReport, FindingKind, Need } from './check.ts';

const MARKS = { ok: 'ok', limited: 'limited', missing: 'MISSING' } as const satisfies Record<
  FindingKind,
  string
>;

const NEEDED_FOR = {
  always: '',
  'build-k6': ' (only to build k6)',
  'browser-tests': ' (only for browser tests)',
  optional: ' (optional)',
} as const satisfies Record<Need, string>;

export function renderChecks(reports: readonly CheckReport[]): string {
  const width = Math.max(0, ...reports.map(({ title }) => title.length));
  return reports.map((report) => renderCheck(report, width)).join('\n');
}

function renderCheck(
  { title, kind, found, means, mend, needed }: CheckReport,
  width: number,
): string {
  const indent = ' '.repeat(width + 11);
  const [first = '', ...rest] = found.split('\n');
  const need = kind === 'ok' ? '' : NEEDED_FOR[needed];
  const lines = [
    `${MARKS[kind].padEnd(7)}  ${title.padEnd(width)}  ${first}${need}`,
    ...rest.map((line) => `${indent}${line}`),
    `${indent}${means}`,
  ];
  if (kind !== 'ok') lines.push(...mend.map((command) => `${indent}$ ${command}`));
  return lines.join('\n');
}
