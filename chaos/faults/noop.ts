/**
 * Nothing breaks. The baseline: what a campaign looks like when its fault
 * does not exist. It is never proven to have bitten, so a run that relies on
 * it is inconclusive.
 */
import type { Fault } from './fault.ts';

export const noop = {
  kind: 'noop',
  imitates: 'nothing: the baseline to hold other faults against',
  aim: 'nothing',
  failover: false,
  target: () => Promise.resolve('nothing'),
  prepare: () =>
    Promise.resolve(() =>
      Promise.resolve({
        struck: { fromMs: Date.now(), toMs: Date.now() },
        prove: () =>
          Promise.resolve({
            bitten: false,
            observations: [{ what: 'any effect', seen: 'none: noop breaks nothing', ok: false }],
          }),
        heal: () => Promise.resolve(),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
    ),
} as const satisfies Fault;
