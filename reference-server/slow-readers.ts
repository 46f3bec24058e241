/**
 * Finds readers who do not keep up: behind at every look for longer than the
 * patience. They cost memory for as long as they are served, so they are
 * closed with a reason; whoever comes back resumes from what it has.
 *
 * How far one may be behind at any moment is bounded elsewhere
 * (`BACKPRESSURE_BYTES_MAX` in `sockets.ts`): beyond that nothing can be said
 * to it any more. Pure: who calls it has the clock.
 */
export interface SlowReaders<Reader> {
  /** Those whose patience is used up; each is returned once and then forgotten. */
  look(readers: Iterable<Reader>, nowMs: number): readonly Reader[];
}

export function createSlowReaders<Reader>(
  patienceMs: number,
  isBehind: (reader: Reader) => boolean,
): SlowReaders<Reader> {
  let behindSinceMs = new Map<Reader, number>();
  return {
    look(readers, nowMs) {
      // Made anew each time: whoever caught up or left is not in it.
      const behind = new Map<Reader, number>();
      const slow: Reader[] = [];
      for (const reader of readers) {
        if (!isBehind(reader)) continue;
        const sinceMs = behindSinceMs.get(reader) ?? nowMs;
        if (nowMs - sinceMs >= patienceMs) slow.push(reader);
        else behind.set(reader, sinceMs);
      }
      behindSinceMs = behind;
      return slow;
    },
  };
}
