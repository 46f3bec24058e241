/**
 * What a guard does after it looked, from what it saw: a pure function.
 *
 * A guard never judges its own server. It speaks up only after three rounds in
 * a row without a sign that the leader works, and takes it back at the first.
 * A leader works if its server answers, unless what it answers and what etcd
 * holds contradict one another (`isAtWork`). From the second round on the other
 * members are asked the same: a guard that hears nobody says nothing. Only when
 * a majority of the *other* members said the same about the *same* holding of
 * the lease is something done about it: one guard with a bad link can do
 * nothing, and a vote against an earlier leader counts for nothing.
 *
 * It is done in two steps. First the lease is *fenced*: the leader key is taken
 * over by a name that no member has, and the dead member is struck off the
 * list. Whoever still follows it lets go of it, and the old primary itself, if
 * it lives and reads etcd, steps down. A moment later the key is given up, and
 * the others elect. In one step an old primary that etcd still reaches would
 * take the key again at once, every time; and the others would hold an election
 * in which they wait two seconds for the dead member's word.
 */

/** Rounds without a leader at work before a guard speaks up: one lost packet is no outage. */
export const IDLE_ROUNDS_MIN = 3;

/** Patroni's loop, woken by the fence, acts within some tens of ms; on a busy machine in some more. */
export const FENCE_MS_MIN = 250;
/** An old primary that has not stepped down by now cannot; its key would expire soon after. */
export const FENCE_MS_MAX = 3_000;

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

/** Why nobody is judged at all: the guards' own switch, or Patroni's maintenance mode. */
export type StandBy = 'switched-off' | 'paused';

/**
 * What the leader's server says when it is asked. `lives`: its Patroni or its
 * PostgreSQL answered. `denies`: its Patroni says that it runs a replica.
 * `nothing`: it did not answer. `deaf`: too few of the others, where they were
 * asked, answered either, so that nobody can say whose fault it is: a guard whose
 * link is bad, or a whole site that stands still for seconds.
 */
export type Word = 'lives' | 'denies' | 'nothing' | 'deaf';

export interface Observation {
  /** Of a clock that nobody sets. It only measures how long a fence has stood. */
  readonly nowMs: number;
  readonly leader: LeaderKey | undefined;
  /** Members of which etcd says, in their own words, that they are the primary. */
  readonly primaries: readonly string[];
  readonly word: Word;
  readonly votes: readonly Vote[];
  readonly standBy: StandBy | undefined;
}

export type WaitReason =
  /** Nobody holds the lease: Patroni elects. */
  | 'no-leader'
  /** The leader, or the fenced member, is this guard's own. */
  | 'own-server'
  /** Somebody holds the lease of whom this guard knows nothing. */
  | 'stranger'
  | 'works'
  /** It does not answer, and nor does anybody else. */
  | 'deaf'
  /** It does not work, not long enough. */
  | 'few-rounds'
  /** It does not work for this guard, and too few others say so. */
  | 'few-votes'
  | StandBy;

/** Remembered from look to look. */
export interface Suspicion {
  readonly leader: LeaderKey | undefined;
  readonly idleRounds: number;
  /** When the fence that stands now was first seen. */
  readonly fencedSinceMs: number | undefined;
  /** Who was fenced last, and how often in a row: one that comes back at once is held longer. */
  readonly fenced: { readonly name: string; readonly times: number } | undefined;
}

export type Decision =
  | { readonly kind: 'wait'; readonly why: WaitReason }
  | { readonly kind: 'vote'; readonly leader: LeaderKey }
  | { readonly kind: 'withdraw'; readonly leader: LeaderKey }
  /** Take the leader key over and strike the leader off the list. */
  | { readonly kind: 'fence'; readonly leader: LeaderKey; readonly voters: readonly string[] }
  /** The fence stands; the others have not had the time to see it. */
  | { readonly kind: 'settle' }
  /** Give the fenced key up. */
  | { readonly kind: 'release'; readonly leader: LeaderKey; readonly fenced: string };

export const NO_SUSPICION: Suspicion = {
  leader: undefined,
  idleRounds: 0,
  fencedSinceMs: undefined,
  fenced: undefined,
};

const FENCE = 'fenced:';
/** What the leader key holds between the two steps. */
export const fenceOf = (member: string): string => `${FENCE}${member}`;
/** The member that a leader key's value fences; undefined: an ordinary leader. */
export const fencedMember = (value: string): string | undefined =>
  value.startsWith(FENCE) ? value.slice(FENCE.length) : undefined;

/** The very same holding of the lease. */
export const isSameKey = (a: LeaderKey | undefined, b: LeaderKey | undefined): boolean =>
  a?.name === b?.name && a?.modRevision === b?.modRevision;

/** Somebody leads: neither nobody nor a fence holds the key. */
export const isOrdinary = (leader: LeaderKey | undefined): leader is LeaderKey =>
  leader !== undefined && fencedMember(leader.name) === undefined;

/** More than half of the members without the leader: 2 of 3 in a cluster of four. */
export const majorityOfOthers = (members: number): number => Math.floor((members - 1) / 2) + 1;

export const votersAgainst = (
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

/**
 * A leader that denies it may just be on its way up: then its entry in etcd says
 * replica or promoted; primary it says only once PostgreSQL has left recovery. If
 * it says primary all the same, the member stepped down and could not tell etcd:
 * it is cut off from it, and its lease only waits to expire.
 */
const isAtWork = (
  leader: LeaderKey,
  { word, primaries }: Pick<Observation, 'word' | 'primaries'>,
): boolean => word === 'lives' || (word === 'denies' && !primaries.includes(leader.name));

/** After a round, that is after the leader was asked. */
export const countRound = (
  before: Suspicion,
  { leader, word, primaries }: Pick<Observation, 'leader' | 'word' | 'primaries'>,
): Suspicion => {
  // Between two leaders nothing is forgotten: the one that was fenced may come back.
  if (!isOrdinary(leader)) {
    const fencedSinceMs = isSameKey(before.leader, leader) ? before.fencedSinceMs : undefined;
    return { ...before, leader, idleRounds: 0, fencedSinceMs };
  }
  if (isAtWork(leader, { word, primaries })) return { ...NO_SUSPICION, leader };
  const counted = isSameKey(before.leader, leader) ? before.idleRounds : 0;
  // Deaf: neither for it nor against it.
  const idleRounds = word === 'deaf' ? counted : counted + 1;
  return { ...before, leader, idleRounds, fencedSinceMs: undefined };
};

const settle = (
  before: Suspicion,
  { nowMs, leader, primaries }: Pick<Observation, 'nowMs' | 'primaries'> & { leader: LeaderKey },
  fenced: string,
): { readonly suspicion: Suspicion; readonly decision: Decision } => {
  const seenSinceMs = isSameKey(before.leader, leader) ? before.fencedSinceMs : undefined;
  const earlier = before.fenced?.name === fenced ? before.fenced.times : 0;
  const times = seenSinceMs === undefined ? earlier + 1 : earlier;
  const fencedSinceMs = seenSinceMs ?? nowMs;
  const elapsedMs = nowMs - fencedSinceMs;
  const patienceMs = Math.min(FENCE_MS_MIN * 2 ** (times - 1), FENCE_MS_MAX);
  const isOver =
    elapsedMs >= patienceMs && (!primaries.includes(fenced) || elapsedMs >= FENCE_MS_MAX);
  return {
    suspicion: { ...before, leader, fencedSinceMs, fenced: { name: fenced, times } },
    decision: isOver ? { kind: 'release', leader, fenced } : { kind: 'settle' },
  };
};

/** What to do now; to be asked again after each step, also within a round. */
export const decide = (
  self: string,
  members: readonly string[],
  before: Suspicion,
  { nowMs, leader, primaries, word, votes, standBy }: Observation,
): { readonly suspicion: Suspicion; readonly decision: Decision } => {
  const to = (decision: Decision) => ({ suspicion: before, decision });
  const wait = (why: WaitReason) => to({ kind: 'wait', why });
  if (leader === undefined) return wait('no-leader');
  const fenced = fencedMember(leader.name);
  if (fenced !== undefined) {
    // The fenced member's own guard may be the one that sees the least. What was begun is ended,
    // also by guards that were switched off meanwhile: a fence that stands keeps everybody out.
    return fenced === self
      ? wait('own-server')
      : settle(before, { nowMs, leader, primaries }, fenced);
  }
  if (leader.name === self) return wait('own-server');
  if (!members.includes(leader.name)) return wait('stranger');
  const voters = votersAgainst(leader, members, votes);
  if (isAtWork(leader, { word, primaries }) || standBy !== undefined) {
    return voters.has(self) ? to({ kind: 'withdraw', leader }) : wait(standBy ?? 'works');
  }
  if (word === 'deaf') return wait('deaf');
  if (!isSameKey(before.leader, leader) || before.idleRounds < IDLE_ROUNDS_MIN) {
    return wait('few-rounds');
  }
  if (!voters.has(self)) return to({ kind: 'vote', leader });
  if (voters.size < majorityOfOthers(members.length)) return wait('few-votes');
  return to({ kind: 'fence', leader, voters: [...voters].sort() });
};
