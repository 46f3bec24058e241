/**
 * Like `Promise.all`, but when one fails it waits for the others before it
 * says so. Whoever cleans up after a failure must not be overtaken by
 * something that was still being made.
 */
export const settleAll = async <T>(promises: readonly Promise<T>[]): Promise<readonly T[]> => {
  await Promise.allSettled(promises);
  return Promise.all(promises);
};
