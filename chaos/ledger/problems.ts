/**
 * What is wrong with the evidence itself: files that are missing, lines that
 * cannot be. Problems make a judgement unknown, never a pass, so the first
 * few are kept word for word and the rest counted.
 */

/** More of them would not tell a reader more. */
const PROBLEMS_WORDED = 10;

export interface Problems {
  add(problem: string): void;
  /** The first problems, and how many more there were. */
  list(): readonly string[];
}

export function collectProblems(): Problems {
  const worded: string[] = [];
  let count = 0;
  return {
    add(problem) {
      count++;
      if (worded.length < PROBLEMS_WORDED) worded.push(problem);
    },
    list: () =>
      count > worded.length ? [...worded, `and ${count - worded.length} more like these`] : worded,
  };
}
