/** What a guard may see of a cluster of four whose leader is db1, for the tests of its judgement. */
import {
  decide,
  type Decision,
  fenceOf,
  IDLE_ROUNDS_MIN,
  NO_SUSPICION,
  type Observation,
  type Suspicion,
  type Vote,
} from './decide.ts';

export const MEMBERS = ['db1', 'db2', 'db3', 'db4'];
export const leader = { name: 'db1', modRevision: '7' };
export const fence = { name: fenceOf('db1'), modRevision: '9' };

export const vote = (voter: string, modRevision = '7', about = 'db1'): Vote => ({
  voter,
  leader: about,
  modRevision,
});

/** Nobody answers, and nobody has voted. */
export const silent: Observation = {
  nowMs: 1_000,
  leader,
  primaries: [],
  word: 'nothing',
  votes: [],
  standBy: undefined,
};
export const fenced: Observation = { ...silent, leader: fence };

/** After as many rounds as it takes to speak up. */
export const suspicious: Suspicion = { ...NO_SUSPICION, leader, idleRounds: IDLE_ROUNDS_MIN };

export const decisionOf = (self: string, before: Suspicion, observation: Observation): Decision =>
  decide(self, MEMBERS, before, observation).decision;
