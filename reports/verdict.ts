/**
 * The verdict of a run (`verdict.json`): the stable interface that other
 * programs read. Findings, and what follows from them.
 */
import type { Findings } from '../chaos/findings.ts';
import { isBlurKnown } from '../chaos/judge/generator-fitness.ts';
import { faultsByKind, type FaultsByKind } from './by-kind.ts';

export const VERDICT_SCHEMA = 'holdfast.verdict/1';

export type VerdictKind = 'pass' | 'fail' | 'inconclusive';

/** `EXIT_CODES[verdict]` is the process's exit code. */
export const EXIT_CODES = { pass: 0, fail: 1, inconclusive: 2, usage: 64, internal: 70 } as const;

export type ClaimStatus = 'held' | 'refuted' | 'not-tested';

export interface ClaimReport {
  readonly id: string;
  readonly group: string;
  readonly title: string;
  readonly status: ClaimStatus;
  readonly measured: string;
  readonly required: string;
  /** Where to look: a file of the run directory, a checker's id, or why it was not tested. */
  readonly evidence: string;
}

export interface Verdict extends Findings, FaultsByKind {
  readonly schema: typeof VERDICT_SCHEMA;
  readonly verdict: VerdictKind;
  readonly exitCode: 0 | 1 | 2;
  /** Why it is not a pass, most important first; empty for a pass. */
  readonly reasons: readonly string[];
  readonly claims: readonly ClaimReport[];
}

/** Is a share of good messages under this bound the service's doing, whatever the generator did? */
export const isUnderForSure = (findings: Findings, bound: number): boolean => {
  const { withRetriesAtBest } = findings.availability;
  return (
    isBlurKnown(findings.preconditions) && withRetriesAtBest !== null && withRetriesAtBest < bound
  );
};

/**
 * What follows from the findings. Fail beats inconclusive beats pass:
 *
 * - fail: a checker is refuted, or the availability with retries is under the
 *   objective, even with all messages taken as good that the generator blurred
 * - inconclusive: a precondition is not met, or a checker could not know
 * - pass: all else
 */
export function verdictOf(findings: Findings, claims: readonly ClaimReport[]): Verdict {
  const missed = missedObjective(findings);
  const sure = isUnderForSure(findings, findings.availability.objective);
  const failures = [
    ...findings.checks.filter(({ kind }) => kind === 'refuted').map(refutation),
    ...(sure ? missed : []),
  ];
  const doubts = [
    ...(sure ? [] : missed.map((reason) => `${reason} ${blameOn(findings)}`)),
    ...(findings.availability.withRetries === null
      ? ['Availability is unknown: no message was meant to be sent in a whole window.']
      : []),
    ...findings.preconditions
      .filter(({ met }) => !met)
      .map(
        ({ title, measured, required }) =>
          `Not met: ${title}. Measured: ${measured}; required: ${required}.`,
      ),
    ...unknown(findings),
  ];
  const verdict = failures.length > 0 ? 'fail' : doubts.length > 0 ? 'inconclusive' : 'pass';
  return {
    schema: VERDICT_SCHEMA,
    verdict,
    exitCode: EXIT_CODES[verdict],
    reasons: [...failures, ...doubts],
    claims,
    ...findings,
    ...faultsByKind(findings.faults),
  };
}

function missedObjective({ availability }: Findings): readonly string[] {
  const { objective, withRetries, deadlineMs } = availability;
  if (withRetries === null || withRetries >= objective) return [];
  // Rounded down, so that what was missed never reads as reached.
  const measured = Math.floor(withRetries * 1e5) / 1e3;
  return [
    `Only ${measured} % of the messages were acknowledged within ${deadlineMs} ms; the objective is ${objective * 100} %.`,
  ];
}

function blameOn(findings: Findings): string {
  const { withRetriesAtBest } = findings.availability;
  const best =
    isBlurKnown(findings.preconditions) && withRetriesAtBest !== null
      ? ` Without what its own stops blur, it may have been ${Math.floor(withRetriesAtBest * 1e5) / 1e3} %.`
      : '';
  return `The generator may be the cause.${best}`;
}

function refutation({ title, counts, examples }: Findings['checks'][number]): string {
  const broken = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`);
  const example = examples[0] === undefined ? '' : ` For example: ${examples[0]}.`;
  return `Refuted: ${title}. Counted: ${broken.join(', ')}.${example}`;
}

/** One sentence for all: what is missing to one checker is mostly missing to the others. */
function unknown({ checks }: Findings): readonly string[] {
  const ids = checks.filter(({ kind }) => kind === 'unknown').map(({ id }) => id);
  return ids.length === 0 ? [] : [`Not known for lack of evidence: ${ids.join(', ')}.`];
}
