/**
 * The shape of one check of this machine.
 *
 * A check answers three questions of somebody who wants to run Holdfast here: is it there, what
 * follows for a run, and which exact commands mend it. `probe` only looks and never changes
 * anything; `mendIt`, where there is one, is called by `setUp` alone. A probe may throw: `doctor`
 * turns that into a finding.
 */

/**
 * `always`: no run without it. `build-k6`: only while k6 is not there yet. `browser-tests`: only
 * for `*.browser.test.ts`. `optional`: a run does without, and says so.
 */
export const NEEDS = ['always', 'build-k6', 'browser-tests', 'optional'] as const;
export type Need = (typeof NEEDS)[number];

/** `limited`: it works, within bounds that `means` states. `missing`: it does not work. */
export type FindingKind = 'ok' | 'limited' | 'missing';

export interface Finding {
  readonly kind: FindingKind;
  /** What was seen, with figures. */
  readonly found: string;
  /** What follows for a run. */
  readonly means: string;
  /** Exact commands, in order; empty when there is nothing to do or nothing that can be done. */
  readonly mend: readonly string[];
}

/** One line of progress, without a line break. */
export type Log = (line: string) => void;

export interface Check {
  readonly id: string;
  readonly title: string;
  readonly needed: Need;
  probe(signal: AbortSignal): Promise<Finding>;
  /** Mends what `probe` found, or throws a HoldfastError that says why it may not. */
  mendIt?(log: Log, signal: AbortSignal): Promise<void>;
}

export interface CheckReport extends Finding {
  readonly id: string;
  readonly title: string;
  readonly needed: Need;
  readonly tookMs: number;
}
