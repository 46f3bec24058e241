/**
 * The promise of `reconnect-storm`: every user loses its socket, and in time
 * all of them are back, joined to all their channels, with nothing missing.
 *
 * Evidence: `X` and `C` lines (a `C` is written when everything up to the
 * channels' heads was delivered), `R` lines. A user who came too late refutes
 * it, unless the generator was not fit; one who never lost its socket leaves
 * it open whether it would have come back.
 */
import type { Storm } from '../../../scenarios/shapes/shape.ts';
import { conclude, missingClients } from '../../checkers/check-result.ts';
import type { CheckResult, Precondition } from '../../findings.ts';
import { CONNECTION_FIELDS } from '../../ledger/client-records.ts';
import type { Ledgers } from '../../ledger/ledgers.ts';
import { isGeneratorFit } from '../generator-fitness.ts';
import type { Window } from '../outcomes.ts';
import { usersWithGap } from './unbroken.ts';

/** The generator rounds to its own steps of time. */
const SLACK_MS = 20;

/** When users may be away for it; epoch milliseconds. */
export const stormWindow = (storm: Storm, sendFromMs: number): Window => ({
  fromMs: sendFromMs + storm.fromMs - SLACK_MS,
  toMs: sendFromMs + storm.backByMs,
});

/** Milliseconds after its beginning. */
interface Returns {
  /** By user; undefined: it did not lose its socket; Infinity: it never came back. */
  readonly backAfterMs: readonly (number | undefined)[];
}

function returnsOf({ records, baseMs, schedule }: Ledgers, storm: Storm, users: number): Returns {
  const entries = records.connections.view();
  const { fromMs, toMs } = stormWindow(storm, schedule.sendFromMs);
  const beganMs = schedule.sendFromMs + storm.fromMs;
  const backAfterMs = new Array<number | undefined>(users);
  for (let at = 0; at < entries.length; at += CONNECTION_FIELDS) {
    const atMs = (entries[at] as number) + baseMs;
    const user = entries[at + 1] as number;
    const closed = (entries[at + 2] as number) < 0;
    // Whoever is thrown out again before all have to be back is not back yet.
    if (closed && atMs >= fromMs && atMs <= toMs) backAfterMs[user] = Infinity;
    else if (!closed && backAfterMs[user] === Infinity) backAfterMs[user] = atMs - beganMs;
  }
  return { backAfterMs };
}

export function stormCheck(
  ledgers: Ledgers,
  storm: Storm,
  users: number,
  preconditions: readonly Precondition[],
): CheckResult {
  const boundMs = storm.backByMs - storm.fromMs;
  const { backAfterMs } = returnsOf(ledgers, storm, users);
  const all = Array.from(backAfterMs, (afterMs, user) => ({ user, afterMs }));
  const stayed = all.filter(({ afterMs }) => afterMs === undefined).length;
  const late = all.filter(({ afterMs = 0 }) => afterMs > boundMs);
  const slowestMs = all.reduce((most, { afterMs = 0 }) => Math.max(most, afterMs), 0);
  const withGap = usersWithGap(ledgers);
  const isFit = isGeneratorFit(preconditions);
  return conclude({
    id: 'reconnect-storm',
    title: `Every user lost its socket, and all were back and resumed within ${boundMs / 1_000} s`,
    counts: {
      users,
      gone: users - stayed,
      late: late.length,
      withGap: withGap.size,
      ...(slowestMs < Infinity && { slowestMs }),
    },
    refuted: withGap.size > 0 || (late.length > 0 && isFit),
    examples: [
      ...[...withGap].map((user) => `user ${user} misses messages in the middle`),
      ...late.map(({ user, afterMs = 0 }) =>
        afterMs === Infinity
          ? `user ${user} did not come back`
          : `user ${user} was back after ${(afterMs / 1_000).toFixed(1)} s`,
      ),
    ],
    missing: [
      ...(stayed > 0 ? [`the loss of their sockets by ${stayed} users`] : []),
      ...(late.length > 0 && !isFit ? ['a generator that cannot itself be the cause'] : []),
      ...missingClients(ledgers),
    ],
    detail:
      'Counted in users. slowestMs: from the beginning of the storm until the last was back and had everything; withGap: users who miss messages in the middle of a channel.',
  });
}
