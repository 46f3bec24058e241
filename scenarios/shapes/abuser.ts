/**
 * `abuser`: a script that was let loose on somebody's login. One user sends
 * hundreds of messages a second for a while, without waiting for answers and
 * without sending anything again; everybody else writes at its own times (open
 * arrivals) and must not notice.
 *
 * The threshold that matters: the others' 99th percentile during the flood
 * against that of before. What becomes of the flood is no matter of
 * availability, so its messages do not count there; what of it is stored has
 * to be stored, ordered and delivered like anything else.
 */
import { ABUSER, defineShape, STEADY_LOAD } from './shape.ts';

export const abuser = defineShape({
  kind: 'abuser',
  options: {
    messagesHz: { standard: 200, from: 1, to: 5_000 },
    atSec: { standard: 30, from: 1, to: 86_400 },
    lastsSec: { standard: 30, from: 1, to: 3_600 },
    p99TimesMax: { standard: 2, from: 1, to: 1_000 },
  },
  // The mission's rate with fewer users: the judge has a place for every message that any user
  // might have sent, and the abuser sends thousands.
  plan: { users: 1_000, intervalSec: 3, steadySec: 90, faults: [] },
  lastsSec: ({ atSec, lastsSec }) => atSec + lastsSec,
  load({ messagesHz, atSec, lastsSec, p99TimesMax }, { users, intervalSec }) {
    const spell = { fromMs: atSec * 1_000, toMs: (atSec + lastsSec) * 1_000 };
    const spans = [
      { fromMs: 0, times: 1 },
      { fromMs: spell.fromMs, times: messagesHz * intervalSec },
      { fromMs: spell.toMs, times: 1 },
    ];
    return {
      ...STEADY_LOAD,
      rates: [{ every: users, first: ABUSER, spans }],
      abuser: { ...spell, messagesHz },
      bystanders: { ...spell, p99TimesMax },
    };
  },
});
