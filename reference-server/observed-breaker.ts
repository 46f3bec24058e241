/** A lane's circuit breaker whose changes are counted and logged. */
import type { Logger } from 'pino';
import { createCircuitBreaker, type BreakerState, type CircuitBreaker } from './circuit-breaker.ts';
import type { Metrics } from './metrics.ts';

/** What `chat_circuit_state` shows. */
const STATE_VALUE: Readonly<Record<BreakerState, number>> = { closed: 0, 'half-open': 1, open: 2 };

export interface ObservedBreakerOptions {
  readonly openAfterMs: number;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export function observedBreaker(
  lane: string,
  { openAfterMs, metrics, log }: ObservedBreakerOptions,
): CircuitBreaker {
  metrics.circuitState.set({ lane }, STATE_VALUE.closed);
  metrics.circuitOpened.inc({ lane }, 0);
  return createCircuitBreaker({
    openAfterMs,
    onChange(state, before) {
      metrics.circuitState.set({ lane }, STATE_VALUE[state]);
      if (before === 'closed') {
        metrics.circuitOpened.inc({ lane });
        metrics.circuitOpenedAt.set({ lane }, Date.now() / 1_000);
        log.warn({ lane, openAfterMs }, 'circuit open: the database confirms nothing');
      } else if (state === 'closed') {
        metrics.circuitClosedAt.set({ lane }, Date.now() / 1_000);
        log.info({ lane }, 'circuit closed: the database confirms again');
      }
    },
  });
}
