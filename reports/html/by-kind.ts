/** Faults by their kind: spreads of recovery, what each cost, and what an objective affords. */
import { formatCount, formatShare } from '../figures.ts';
import { afforded, seconds, spread } from '../by-kind-words.ts';
import type { Verdict } from '../verdict.ts';
import { html, NOTHING, table, type Markup } from './markup.ts';

export function byKind({ recoveryByFault, failoversAMonth }: Verdict): Markup {
  return html`<h3>By kind</h3>
    ${table(
      [
        { head: 'kind' },
        { head: 'faults', numeric: true },
        { head: 'silent', numeric: true },
        { head: '99\u202f% of load', numeric: true },
        { head: 'cost, with retries', numeric: true },
        { head: 'cost, as sent', numeric: true },
      ],
      Object.entries(recoveryByFault).map(([kind, times]) => [
        kind,
        formatCount(times.faults),
        spread(times.longestGap),
        spread(times.load99),
        seconds(times.unavailableSec.withRetries),
        seconds(times.unavailableSec.asSent),
      ]),
      'No fault struck.',
    )}
    <p class="muted">
      Times are medians, with the shortest, the longest and the 95th percentile. The cost is the
      mean time without service of one fault.
    </p>
    ${
      failoversAMonth.length === 0
        ? NOTHING
        : table(
            [
              { head: 'objective' },
              { head: 'failovers a month, with retries', numeric: true },
              { head: 'as sent', numeric: true },
            ],
            failoversAMonth.map(({ objective, withRetries, asSent }) => [
              formatShare(objective),
              afforded(withRetries),
              afforded(asSent),
            ]),
            '',
          )
    }`;
}
