/**
 * Says when a database that confirms nothing is to be spared: what is new is
 * then refused at once, instead of waiting in a queue that grows.
 *
 * It opens when something has waited for its confirmation for `openAfterMs`
 * from its first attempt, and closes with the first confirmation. Nobody's new
 * message is risked as a probe: what waits already is tried again and again
 * anyway (`lane.ts`), and each of these attempts is the probe of an open
 * breaker, which is half open meanwhile.
 *
 * Pure: no clock, no I/O. Not one of the libraries (cockatiel, opossum): those
 * count failed calls and let a new call through as the probe; here one call
 * that hangs is an outage, and the retries are what decides.
 */
export type BreakerState = 'closed' | 'half-open' | 'open';

export interface CircuitBreakerOptions {
  readonly openAfterMs: number;
  /** Called with each change of the state. */
  readonly onChange: (state: BreakerState, before: BreakerState) => void;
}

/** All times on one clock that never goes back. */
export interface CircuitBreaker {
  readonly state: BreakerState;
  /** May something new be taken? */
  admits(nowMs: number): boolean;
  /** Since when what waits has waited; 0: nothing new is refused. */
  awayMs(nowMs: number): number;
  /** What waits is tried, for the first time or again. */
  attempt(nowMs: number): void;
  /** The attempt came to nothing, or nobody knows. */
  unconfirmed(nowMs: number): void;
  /** The database answered. */
  confirmed(): void;
}

export function createCircuitBreaker(options: CircuitBreakerOptions): CircuitBreaker {
  let state: BreakerState = 'closed';
  /** First attempt at what waits now. */
  let waitingSinceMs: number | undefined;

  function become(next: BreakerState): void {
    if (state === next) return;
    const before = state;
    state = next;
    options.onChange(next, before);
  }

  function openIfDue(nowMs: number): void {
    if (state !== 'closed' || waitingSinceMs === undefined) return;
    if (nowMs - waitingSinceMs >= options.openAfterMs) become('open');
  }

  return {
    get state() {
      return state;
    },
    admits(nowMs) {
      openIfDue(nowMs);
      return state === 'closed';
    },
    awayMs(nowMs) {
      openIfDue(nowMs);
      return state === 'closed' ? 0 : nowMs - (waitingSinceMs ?? nowMs);
    },
    attempt(nowMs) {
      waitingSinceMs ??= nowMs;
      openIfDue(nowMs);
      if (state === 'open') become('half-open');
    },
    unconfirmed(nowMs) {
      if (state === 'half-open') become('open');
      else openIfDue(nowMs);
    },
    confirmed() {
      waitingSinceMs = undefined;
      become('closed');
    },
  };
}
