/**
 * What a guard does after it looked, from what it saw: a pure function.
 *
 * A guard never judges its own server. It speaks up only after three rounds in
 * a row without an answer, and takes it back at the first answer. Only when a
 * majority of the *other* members said the same about the *same* holding of
 * the lease is something done about it: one guard with a bad link can do
 * nothing, and a vote against an earlier leader counts for nothing.
 *
 * It is done in two steps. First the dead member is struck off the list of
 * members; a moment later, when the others have seen that, its lease is given
 * up. In one step the others would hold an election in which they wait two
 * seconds for the dead member's word.
 */

/** Rounds without an answer before a guard speaks up: one lost packet is no outage. */
export const UNANSWERED_ROUNDS_MIN = 3;

/** Patroni's loop, woken, reads the list within some tens of ms; on a busy machine in some more. */
export const UNLISTED_MS_MIN = 250;

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
  readonly nowMs: number;
  readonly leader: LeaderKey | undefined;
  /** Is the leader on the list of members? */
  readonly isListed: boolean;
  /** Did the leader's Patroni or its PostgreSQL answer? */
  readonly answered: boolean;
  readonly votes: readonly Vote[];
}

/** Remembered from look to look. */
export interface Suspicion {
  readonly leader: LeaderKey | undefined;
  readonly unansweredRounds: number;
  /** When it was first seen that the leader is not on the list. */
  readonly unlistedSinceMs: number | undefined;
}

export type Decision =
  | { readonly kind: 'wait' }
  | { readonly kind: 'vote'; readonly leader: LeaderKey }
  | { readonly kind: 'withdraw'; readonly leader: LeaderKey }
  /** Strike the leader off the list. */
  | { readonly kind: 'strike'; readonly leader: LeaderKey; readonly voters: readonly string[] }
  /** It is struck off; the others have not had the time to see it. */
  | { readonly kind: 'settle' }
  /** Give its lease up. */
  | { readonly kind: 'release'; readonly leader: LeaderKey; readonly voters: readonly string[] };

export const NO_SUSPICION: Suspicion = {
  leader: undefined,
  unansweredRounds: 0,
  unlistedSinceMs: undefined,
};

const isSame = (a: LeaderKey | undefined, b: LeaderKey): boolean =>
  a?.name === b.name && a.modRevision === b.modRevision;

/** More than half of the members without the leader: 2 of 3 in a cluster of four. */
export const majorityOfOthers = (members: number): number => Math.floor((members - 1) / 2) + 1;

const votersAgainst = (
  leader: LeaderKey,
  members: readonly string[],
  votes: readonly Vote[],
): ReadonlySet<string> =>
  new Set(
    votes
      .filter((vote) => vote.leader === leader.name && vote.modRevision === leader.modRevision)
      .map(({ voter }) => voter)
      .filter((voter) => voter !== leader.name && members.includes(voter)),
  );

/** After a round, that is after the leader was asked. */
export const countRound = (
  before: Suspicion,
  { leader, answered }: Pick<Observation, 'leader' | 'answered'>,
): Suspicion => {
  if (leader === undefined || answered) return { ...NO_SUSPICION, leader };
  return isSame(before.leader, leader)
    ? { ...before, unansweredRounds: before.unansweredRounds + 1 }
    : { leader, unansweredRounds: 1, unlistedSinceMs: undefined };
};

/** What to do now; to be asked again after each step, also within a round. */
export const decide = (
  self: string,
  members: readonly string[],
  before: Suspicion,
  { nowMs, leader, isListed, answered, votes }: Observation,
): { readonly suspicion: Suspicion; readonly decision: Decision } => {
  const wait = { suspicion: before, decision: { kind: 'wait' } } as const;
  if (leader === undefined || leader.name === self || !members.includes(leader.name)) return wait;
  const voters = votersAgainst(leader, members, votes);
  if (answered) {
    return voters.has(self) ? { suspicion: before, decision: { kind: 'withdraw', leader } } : wait;
  }
  if (!isSame(before.leader, leader) || before.unansweredRounds < UNANSWERED_ROUNDS_MIN)
    return wait;
  if (!voters.has(self)) return { suspicion: before, decision: { kind: 'vote', leader } };
  if (voters.size < majorityOfOthers(members.length)) return wait;

  const named = { leader, voters: [...voters].sort() };
  if (isListed) {
    return {
      suspicion: { ...before, unlistedSinceMs: undefined },
      decision: { kind: 'strike', ...named },
    };
  }
  const unlistedSinceMs = before.unlistedSinceMs ?? nowMs;
  return {
    suspicion: { ...before, unlistedSinceMs },
    decision:
      nowMs - unlistedSinceMs >= UNLISTED_MS_MIN
        ? { kind: 'release', ...named }
        : { kind: 'settle' },
  };
};
