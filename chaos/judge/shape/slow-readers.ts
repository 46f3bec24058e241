/**
 * The promise of `slow-readers` to the slow ones themselves: whoever stopped
 * reading reads on later, on the same socket or on a new one where the service
 * closed it meanwhile, and ends without a gap.
 *
 * Evidence: `X` and `C` lines, `R` lines. That they received everything up to
 * the end is for `all-delivered`, like everybody's.
 */
import type { ShapedLoad } from '../../../scenarios/shapes/shape.ts';
import { conclude, missingClients } from '../../checkers/check-result.ts';
import type { CheckResult } from '../../findings.ts';
import { CONNECTION_FIELDS } from '../../ledger/client-records.ts';
import type { Ledgers } from '../../ledger/ledgers.ts';
import type { Window } from '../outcomes.ts';
import { usersWithGap } from './unbroken.ts';

type Slow = NonNullable<ShapedLoad['slow']>;

/** A user tries again after at most 16 s (`scenarios/session.ts`), and has a lot to catch up with. */
const RESUME_MS = 20_000;

/** When slow readers find that their sockets were closed, and come back; epoch milliseconds. */
export const wakeWindow = (slow: Slow, sendFromMs: number): Window => ({
  fromMs: sendFromMs + slow.fromMs,
  toMs: sendFromMs + slow.toMs + RESUME_MS,
});

export function slowReadersCheck(ledgers: Ledgers, slow: Slow, users: number): CheckResult {
  const { records, baseMs, schedule } = ledgers;
  const first = users - slow.users;
  const entries = records.connections.view();
  const wake = wakeWindow(slow, schedule.sendFromMs);
  const closed = new Set<number>();
  const away = new Set<number>();
  for (let at = 0; at < entries.length; at += CONNECTION_FIELDS) {
    const atMs = (entries[at] as number) + baseMs;
    const user = entries[at + 1] as number;
    if (user < first || atMs < wake.fromMs || atMs > wake.toMs) continue;
    if ((entries[at + 2] as number) > 0) {
      away.delete(user);
      continue;
    }
    closed.add(user);
    away.add(user);
  }
  const withGap = [...usersWithGap(ledgers)].filter((user) => user >= first);
  return conclude({
    id: 'slow-readers',
    title: 'Users who stopped reading for a while read on later, and miss nothing',
    counts: {
      readers: slow.users,
      closed: closed.size,
      away: away.size,
      withGap: withGap.length,
    },
    refuted: withGap.length > 0 || away.size > 0,
    examples: [
      ...withGap.map((user) => `user ${user} misses messages in the middle`),
      ...[...away].map((user) => `user ${user} did not come back`),
    ],
    missing: missingClients(ledgers),
    detail:
      'Counted in users. closed: the service had closed their socket meanwhile, and they came back on another; away: they did not.',
  });
}
