/**
 * What a guard tells of itself: one log line for every decision, and its
 * figures. A decision that is only made again, for the same reason about the
 * same holding of the lease, is counted and not told again: a guard that has
 * nothing to do says so once.
 */
import { type Decision, type Observation, type Suspicion, votersAgainst } from './decide.ts';
import type { Metrics } from './metrics.ts';

export type GuardLog = (event: string, fields: Readonly<Record<string, unknown>>) => void;

export interface Journal {
  decided(
    decision: Decision,
    suspicion: Suspicion,
    seen: Pick<Observation, 'leader' | 'votes' | 'standBy'>,
  ): void;
  /** The leader key was to be changed; not done: it had been changed since it was read. */
  changed(change: 'fence' | 'release', isDone: boolean): void;
}

export function createJournal(
  members: readonly string[],
  metrics: Metrics,
  log: GuardLog,
): Journal {
  let told = '';
  return {
    decided(decision, { idleRounds }, { leader, votes, standBy }) {
      const voters = leader === undefined ? [] : [...votersAgainst(leader, members, votes)].sort();
      const why = decision.kind === 'wait' ? decision.why : '';
      metrics.decisions.inc({ decision: decision.kind, why });
      metrics.idleRounds.set(idleRounds);
      metrics.votes.set(voters.length);
      metrics.standingBy.set(standBy === undefined ? 0 : 1);
      const line = {
        decision: decision.kind,
        ...(why !== '' && { why }),
        leader: leader?.name ?? '',
        modRevision: leader?.modRevision ?? '',
        idleRounds,
        voters,
      };
      const text = JSON.stringify(line);
      if (text === told) return;
      told = text;
      log('decision', line);
    },
    changed(change, isDone) {
      metrics.changes.inc({ change, done: isDone ? 'yes' : 'no' });
      log('changed', { change, done: isDone });
    },
  };
}
