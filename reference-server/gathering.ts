/**
 * How long messages are gathered for a common commit. Little while the server
 * is at ease: a commit costs the same for one message as for ten, and its
 * sender waits for it. More the busier the server is: what a batch holds for one
 * socket leaves in one write, and writes are most of what a delivery costs. So
 * a server near its limit gets room by the wait of some tens of milliseconds,
 * instead of by a queue that grows.
 */

/** Share of the time in which the event loop works. Below it waiting is short. */
const AT_EASE = 0.3;
/**
 * From here on all is gathered that may be. Not later: what is saved is the room for a burst. Between
 * 0.5 and 0.9 a delivery cost half as much again, and a server had no room long before it was full.
 */
const AT_LIMIT = 0.6;
/** Short against a burst of load, long against a batch. */
const LOOK_EVERY_MS = 250;

export interface GatheringBounds {
  /** From batch to batch while at ease. */
  readonly easeMs: number;
  /** The same at the limit. */
  readonly limitMs: number;
}

/** `utilization`: of the event loop, from 0 to 1. */
export function gatherMsAt(utilization: number, { easeMs, limitMs }: GatheringBounds): number {
  const share = Math.min(1, Math.max(0, (utilization - AT_EASE) / (AT_LIMIT - AT_EASE)));
  return easeMs + share * Math.max(0, limitMs - easeMs);
}

export interface Gathering extends Disposable {
  /** From the beginning of a batch to that of the next, at least. */
  readonly ms: number;
}

/** Follows this process's own event loop. */
export function createGathering(bounds: GatheringBounds): Gathering {
  let ms = bounds.easeMs;
  let before = performance.eventLoopUtilization();
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    ms = gatherMsAt(performance.eventLoopUtilization(now, before).utilization, bounds);
    before = now;
  }, LOOK_EVERY_MS);
  return {
    get ms() {
      return ms;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
