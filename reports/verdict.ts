/**
 * The verdict of a run (`verdict.json`): the stable interface that other
 * programs read. Findings, and what follows from them.
 */
import type { Findings } from '../chaos/findings.ts';

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

export interface Verdict extends Findings {
  readonly schema: typeof VERDICT_SCHEMA;
  readonly verdict: VerdictKind;
  readonly exitCode: 0 | 1 | 2;
  /** Why it is not a pass, most important first; empty for a pass. */
  readonly reasons: readonly string[];
  readonly claims: readonly ClaimReport[];
}
