/**
 * One after the other, in the order in which they asked. Two clusters that
 * recover at the same moment would measure each other.
 */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    // Whoever comes next waits for the end of this, not for its success.
    last = mine.catch(() => undefined);
    return mine;
  };
}
