/**
 * Was a sabotage found, and for the right reason? A run that fails for
 * something else has found nothing, and a control that is not green says that
 * the judge sees what is not there.
 */
import type { Circumstances, Expectation } from './sabotage.ts';

/** As much of a verdict as is looked at here. */
export interface Judged {
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly reasons: readonly string[];
  readonly checks: readonly { readonly id: string; readonly kind: string }[];
  readonly preconditions: readonly { readonly id: string; readonly met: boolean }[];
}

export type Finding =
  | { readonly kind: 'found'; readonly by: readonly string[] }
  /** It passed. */
  | { readonly kind: 'not-found' }
  /** It did not pass, but not because of what was broken. */
  | {
      readonly kind: 'wrong-reason';
      readonly by: readonly string[];
      readonly reasons: readonly string[];
    };

export const refutedBy = ({ checks }: Judged): readonly string[] =>
  checks.filter(({ kind }) => kind === 'refuted').map(({ id }) => id);

export const doubtedBy = ({ preconditions, checks }: Judged): readonly string[] => [
  ...preconditions.filter(({ met }) => !met).map(({ id }) => id),
  ...checks.filter(({ kind }) => kind === 'unknown').map(({ id }) => id),
];

/** What a busy machine does to a generator. */
const BUSY = ['send-lag', 'event-loop-lag', 'generator-cpu'];

export function findingOf(expects: Expectation, judged: Judged): Finding {
  if (judged.verdict === 'pass') return { kind: 'not-found' };
  const by = judged.verdict === 'fail' ? refutedBy(judged) : doubtedBy(judged);
  const right = by.filter((id) => expects.by.includes(id));
  return judged.verdict === expects.verdict && right.length > 0
    ? { kind: 'found', by: right }
    : { kind: 'wrong-reason', by, reasons: judged.reasons };
}

/** A control is green when nothing is in doubt but what its circumstances break by themselves. */
export const isGreen = ({ tolerates }: Circumstances, judged: Judged): boolean =>
  judged.verdict === 'pass' || doubtsOnly(judged, tolerates);

/**
 * Nothing speaks against a control but that the machine had no time for its
 * generators: then it says nothing, and may be taken again.
 */
export const wasTooBusy = ({ tolerates }: Circumstances, judged: Judged): boolean =>
  doubtsOnly(judged, [...tolerates, ...BUSY]);

function doubtsOnly(judged: Judged, allowed: readonly string[]): boolean {
  const doubts = doubtedBy(judged);
  return (
    judged.verdict === 'inconclusive' &&
    // Each doubt has its reason; one more would be a reason that is no precondition.
    doubts.length === judged.reasons.length &&
    doubts.every((id) => allowed.includes(id))
  );
}
