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

export function findingOf(expects: Expectation, judged: Judged): Finding {
  if (judged.verdict === 'pass') return { kind: 'not-found' };
  const by = judged.verdict === 'fail' ? refutedBy(judged) : doubtedBy(judged);
  const right = by.filter((id) => expects.by.includes(id));
  return judged.verdict === expects.verdict && right.length > 0
    ? { kind: 'found', by: right }
    : { kind: 'wrong-reason', by, reasons: judged.reasons };
}

/** A control is green when nothing is in doubt but what its circumstances break by themselves. */
export function isGreen({ tolerates }: Circumstances, judged: Judged): boolean {
  if (judged.verdict === 'pass') return true;
  if (judged.verdict === 'fail') return false;
  const doubts = doubtedBy(judged);
  // Each doubt has its reason; one more would be a reason that is no precondition.
  return doubts.length === judged.reasons.length && doubts.every((id) => tolerates.includes(id));
}
