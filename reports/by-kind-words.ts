/** Words for faults by their kind, for every report alike; as lines for a terminal or a log. */
import type { FailoversAMonth, FaultsByKind, RecoveryTimes, Spread } from './by-kind.ts';
import { formatCount, formatDuration, formatShare } from './figures.ts';

export const linesByKind = ({ recoveryByFault, failoversAMonth }: FaultsByKind): string[] => [
  ...Object.entries(recoveryByFault).map(([kind, times]) => kindLine(kind, times)),
  ...failoversAMonth.map(monthLine),
];

const kindLine = (kind: string, { faults, load99, longestGap, unavailableSec }: RecoveryTimes) =>
  `${kind} × ${formatCount(faults)}: silent for ${spread(longestGap)}; 99 % of the load back after ${spread(load99)}; each cost ${seconds(unavailableSec.withRetries)} with retries, ${seconds(unavailableSec.asSent)} as sent`;

const monthLine = ({ objective, withRetries, asSent }: FailoversAMonth) =>
  `${formatShare(objective)} affords ${afforded(withRetries)} such failovers a month with retries, ${afforded(asSent)} as sent`;

/** `2.1 s (1.8 s to 2.9 s, p95 2.8 s)`: the median first. */
export const spread = ({ min, median, p95, max }: Spread): string =>
  `${formatDuration(median)} (${formatDuration(min)} to ${formatDuration(max)}, p95 ${formatDuration(p95)})`;

export const seconds = (durationSec: number | null): string =>
  formatDuration(durationSec === null ? null : durationSec * 1_000);

export const afforded = (failovers: number | null): string =>
  failovers === null ? 'any number of' : formatCount(failovers);
