/**
 * The one error type of every room.
 *
 * A failure is only useful to the person who reads it when it says what to do next. So each error
 * carries a stable `code` (for programs and tests), a message (what was awaited, on which target,
 * for how long, what was last seen), a `remedy` (what to try) and the `exitCode` the command line
 * ends with: 64 where the user's input is at fault, 70 where the machine or the harness is.
 *
 * Limit: this is for failures of the harness. What the target does wrong is evidence, not an error.
 */

/** 64: bad usage or configuration. 70: the machine or the harness itself. */
export type FailureExitCode = 64 | 70;

export type HoldfastErrorOptions = {
  /** Stable, kebab-case, never reworded: programs and tests match on it. */
  readonly code: string;
  /** What was awaited, on which target, for how long, what was last seen. */
  readonly message: string;
  /** What to do now; exact commands where there are any, one a line. */
  readonly remedy: string;
  /** 70 unless the user's input is at fault. */
  readonly exitCode?: FailureExitCode;
  readonly cause?: unknown;
};

export class HoldfastError extends Error {
  override readonly name = 'HoldfastError';
  readonly code: string;
  readonly remedy: string;
  readonly exitCode: FailureExitCode;

  constructor({ code, message, remedy, exitCode = 70, cause }: HoldfastErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.remedy = remedy;
    this.exitCode = exitCode;
  }
}

/** What went wrong, in its order: an error, and after it what failed while clearing up. */
export const failuresOf = (error: unknown): readonly unknown[] =>
  error instanceof SuppressedError
    ? [...failuresOf(error.suppressed), ...failuresOf(error.error)]
    : [error];

const ownReason = (failure: unknown): string => {
  if (failure instanceof HoldfastError) return `${failure.message} (${failure.remedy})`;
  return failure instanceof Error ? failure.message : String(failure);
};

/** What went wrong, in its order, and what to do about it, in one line. */
export const reasonOfAll = (failures: readonly unknown[]): string =>
  failures.map(ownReason).join('; then, while clearing up: ');

/** What went wrong and what to do about it, in one line: for logs and ledgers. */
export const reasonOf = (error: unknown): string => reasonOfAll(failuresOf(error));
