/**
 * The recovery from a fault as a reader meets it: milestones in the order in
 * which they happened, and what the users had meanwhile.
 *
 * The order is by time, not by name: a cut link may be redundant again before
 * the last per cent of the load is back. A milestone that was not seen is left
 * out, never guessed.
 */
import type { Recovery } from '../chaos/findings.ts';

type MilestoneName = Exclude<keyof Recovery, 'longestGap'>;

export interface Milestone {
  readonly name: MilestoneName;
  readonly label: string;
  /** Since the fault struck; null: not seen, or not needed. */
  readonly atMs: number | null;
}

const LABELS: Readonly<Record<MilestoneName, string>> = {
  detected: 'detected',
  promoted: 'promoted',
  firstCommit: 'first commit',
  firstAcknowledgement: 'first acknowledgement',
  load99: '99\u202f% of the load',
  redundancyRestored: 'redundancy restored',
};

const NAMES: readonly MilestoneName[] = [
  'detected',
  'promoted',
  'firstCommit',
  'firstAcknowledgement',
  'load99',
  'redundancyRestored',
];

/** All six milestones in their usual order, seen or not. */
export const milestonesOf = (recovery: Recovery): readonly Milestone[] =>
  NAMES.map((name) => ({ name, label: LABELS[name], atMs: recovery[name] }));

/** `silent`: nothing was acknowledged; `partial`: not yet 99 % of the load; `served`: all of it, not yet redundant. */
export type ServiceState = 'silent' | 'partial' | 'served';

export interface RecoverySegment {
  readonly fromMs: number;
  readonly toMs: number;
  /** What the users had during the segment. */
  readonly state: ServiceState;
  /** The milestone that ends it. */
  readonly ends: MilestoneName;
  readonly label: string;
}

/** The time from the fault to its last milestone, without holes. */
export function recoverySegments(recovery: Recovery): readonly RecoverySegment[] {
  const seen = milestonesOf(recovery)
    .flatMap(({ name, label, atMs }) => (atMs === null ? [] : [{ name, label, atMs }]))
    .sort((left, right) => left.atMs - right.atMs);
  const segments: RecoverySegment[] = [];
  let fromMs = 0;
  for (const { name, label, atMs } of seen) {
    const toMs = Math.max(fromMs, atMs);
    if (toMs > fromMs) {
      segments.push({ fromMs, toMs, state: stateAt(recovery, fromMs), ends: name, label });
    }
    fromMs = toMs;
  }
  return segments;
}

function stateAt({ firstAcknowledgement, load99 }: Recovery, atMs: number): ServiceState {
  if (load99 !== null && atMs >= load99) return 'served';
  if (firstAcknowledgement !== null && atMs >= firstAcknowledgement) return 'partial';
  return 'silent';
}
