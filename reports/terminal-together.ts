/** Several runs together, for a terminal: a few plain lines, the same everywhere. */
import { formatBound, formatCount, formatNumberOf, formatShare } from './figures.ts';
import { linesByKind } from './by-kind-words.ts';
import { printable } from './terminal.ts';
import type { Together } from './together.ts';

export function renderTogether(together: Together): string {
  const { runs, counted, messages, availability, confidence } = together;
  const width = Math.max(...runs.map(({ run }) => printable(run).length));
  const left = runs.length - counted;
  return [
    ...runs.map(({ run, verdict }) => `${printable(run).padEnd(width)}  ${verdict}`),
    '',
    `TOGETHER: ${together.verdict.toUpperCase()}`,
    left === 0
      ? `All ${formatNumberOf(counted, 'run')} count.`
      : `${formatNumberOf(counted, 'run')} of ${formatCount(runs.length)} count; the others show nothing.`,
    `Lost: ${formatCount(messages.lost)} of ${formatCount(messages.acknowledged)} acknowledged messages`,
    `Failovers: ${formatCount(confidence.failovers)}, ${formatCount(confidence.losing)} lost anything; at 95 % confidence at most ${formatBound(confidence.upperBound95)} would`,
    `Available: ${formatShare(availability.withRetries)} with retries, ${formatShare(availability.asSent)} as sent, of ${formatCount(availability.messages)} messages; ${formatCount(together.userSecondsLost)} user-seconds lost`,
    ...linesByKind(together),
  ].join('\n');
}
