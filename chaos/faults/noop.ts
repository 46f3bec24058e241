/**
 * Nothing breaks. The baseline: what a campaign looks like when its fault
 * does not exist. It is never proven to have bitten, so a run that relies on
 * it is inconclusive.
 */
import { activeFault, NOTHING_LASTS, nothingToHeal } from './active-fault.ts';
import { defineFault } from './fault.ts';

export const noop = defineFault({
  kind: 'noop',
  imitates: 'nothing: the baseline to hold other faults against',
  aim: 'nothing',
  expects: { kind: 'keeps-going', gapMsMax: 1_000 },
  options: {},
  target: () => Promise.resolve('nothing'),
  async prepare(context) {
    const nothing = {
      what: 'any effect',
      look: () => Promise.resolve({ ok: false, seen: 'none: noop breaks nothing' }),
    };
    return async () =>
      activeFault(context, {
        struck: { fromMs: Date.now(), toMs: Date.now() },
        looks: [nothing],
        lasts: NOTHING_LASTS,
        heal: nothingToHeal,
      });
  },
});
