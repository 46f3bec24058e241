/**
 * What a guard does after a round, from what it saw: a pure function.
 *
 * Three rules. A guard never judges its own server. It speaks up only after
 * three rounds in a row without an answer, and takes it back at the first
 * answer. It gives a lease up only when a majority of the *other* members said
 * the same about the *same* holding of the lease: one guard with a bad link
 * can do nothing, and a vote against an earlier leader counts for nothing.
 */

/** Rounds without an answer before a guard speaks up: one lost packet is no outage. */
export const UNANSWERED_ROUNDS_MIN = 3;

export interface LeaderKey {
  readonly name: string;
  /** Changes whenever the key is taken anew, also by the same member. */
  readonly modRevision: string;
}

export interface Vote {
  readonly voter: string;
  readonly leader: string;
  readonly modRevision: string;
}

export interface Observation {
  readonly leader: LeaderKey | undefined;
  /** Did the leader's Patroni or its PostgreSQL answer? */
  readonly answered: boolean;
  readonly votes: readonly Vote[];
}

/** Remembered from round to round. */
export interface Suspicion {
  readonly leader: LeaderKey | undefined;
  readonly unansweredRounds: number;
}

export type Decision =
  | { readonly kind: 'wait' }
  | { readonly kind: 'vote'; readonly leader: LeaderKey }
  | { readonly kind: 'withdraw'; readonly leader: LeaderKey }
  | { readonly kind: 'release'; readonly leader: LeaderKey; readonly voters: readonly string[] };

export const NO_SUSPICION: Suspicion = { leader: undefined, unansweredRounds: 0 };

const isSame = (a: LeaderKey | undefined, b: LeaderKey): boolean =>
  a?.name === b.name && a.modRevision === b.modRevision;

/** More than half of the members without the leader: 2 of 3 in a cluster of four. */
export const majorityOfOthers = (members: number): number => Math.floor((members - 1) / 2) + 1;

export const decide = (
  self: string,
  members: readonly string[],
  before: Suspicion,
  { leader, answered, votes }: Observation,
): { readonly suspicion: Suspicion; readonly decision: Decision } => {
  if (leader === undefined || leader.name === self || !members.includes(leader.name)) {
    return { suspicion: { leader, unansweredRounds: 0 }, decision: { kind: 'wait' } };
  }
  const voters = new Set(
    votes
      .filter(
        (vote) =>
          vote.leader === leader.name &&
          vote.modRevision === leader.modRevision &&
          vote.voter !== leader.name &&
          members.includes(vote.voter),
      )
      .map(({ voter }) => voter),
  );
  if (answered) {
    return {
      suspicion: { leader, unansweredRounds: 0 },
      decision: voters.has(self) ? { kind: 'withdraw', leader } : { kind: 'wait' },
    };
  }
  const unansweredRounds = (isSame(before.leader, leader) ? before.unansweredRounds : 0) + 1;
  const suspicion = { leader, unansweredRounds };
  if (unansweredRounds < UNANSWERED_ROUNDS_MIN) return { suspicion, decision: { kind: 'wait' } };
  if (!voters.has(self)) return { suspicion, decision: { kind: 'vote', leader } };
  return voters.size >= majorityOfOthers(members.length)
    ? { suspicion, decision: { kind: 'release', leader, voters: [...voters].sort() } }
    : { suspicion, decision: { kind: 'wait' } };
};
