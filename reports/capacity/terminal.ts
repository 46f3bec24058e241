/** A sweep for a terminal: at most 80 columns, readable without colour. */
import { formatCount, formatDuration, formatShare, NOT_MEASURED } from '../figures.ts';
import { wrap } from '../terminal.ts';
import { besideWords } from './beside.ts';
import type { Capacity, CapacityStep } from './capacity.ts';
import { questionOf, saturationWords } from './conclude.ts';
import { extrapolationWords } from './extrapolation-words.ts';
import { sumOf } from './parts.ts';

const COLUMNS = 80;

const OUTCOMES: Readonly<Record<CapacityStep['kind'], string>> = {
  held: 'held',
  failed: 'FAILED',
  generator: 'generator',
  unknown: 'not known',
};

const HEADS = ['users', 'msg/s', 'p50', 'p99', 'in time', 'cores', 'outcome'] as const;
const WIDTHS = [9, 8, 10, 10, 11, 8, 0];

/** Text with a newline at the end. */
export function renderCapacityTerminal(capacity: Capacity): string {
  const { result, steps, beside } = capacity;
  const blocks = [
    wrap(questionOf(capacity), COLUMNS, ''),
    wrap(result.words, COLUMNS, ''),
    ...(beside === null ? [] : [wrap(besideWords(beside), COLUMNS, '')]),
    [HEADS, ...steps.map(cellsOf)].map(lineOf),
    wrap(saturationWords(capacity), COLUMNS, ''),
    wrap(extrapolationWords(capacity.extrapolation), COLUMNS, ''),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** One line of the table, for a step that has just ended. */
export const renderStep = (step: CapacityStep): string => lineOf(cellsOf(step)).trimStart();

function cellsOf(step: CapacityStep): readonly string[] {
  const { latencyMs, availability, acknowledgedHz, busyCores, usage } = step;
  const cores = busyCores ?? (usage.length === 0 ? null : sumOf(usage, 'cores'));
  return [
    formatCount(step.users),
    acknowledgedHz === null ? NOT_MEASURED : formatCount(acknowledgedHz),
    formatDuration(latencyMs.p50),
    formatDuration(latencyMs.p99),
    formatShare(availability.withRetries),
    cores === null ? NOT_MEASURED : formatCount(cores, 2),
    OUTCOMES[step.kind],
  ];
}

const lineOf = (cells: readonly string[]): string =>
  cells
    .map((cell, column) => cell.padStart(WIDTHS[column] ?? 0))
    .join('  ')
    .slice(0, COLUMNS);
