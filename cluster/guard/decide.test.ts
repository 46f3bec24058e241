import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countRound,
  decide,
  majorityOfOthers,
  NO_SUSPICION,
  type Observation,
  type Suspicion,
  UNANSWERED_ROUNDS_MIN,
  UNLISTED_MS_MIN,
} from './decide.ts';

const MEMBERS = ['db1', 'db2', 'db3', 'db4'];
const leader = { name: 'db1', modRevision: '7' };
const vote = (voter: string, modRevision = '7', about = 'db1') => ({
  voter,
  leader: about,
  modRevision,
});
const silent: Observation = { nowMs: 1_000, leader, isListed: true, answered: false, votes: [] };
const suspicious: Suspicion = {
  leader,
  unansweredRounds: UNANSWERED_ROUNDS_MIN,
  unlistedSinceMs: undefined,
};
const decisionOf = (self: string, before: Suspicion, observation: Observation) =>
  decide(self, MEMBERS, before, observation).decision;

describe('counting rounds', () => {
  test('counts rounds without an answer in a row', () => {
    let suspicion = NO_SUSPICION;
    for (let round = 0; round < 3; round += 1) suspicion = countRound(suspicion, silent);
    expect(suspicion).toEqual({ leader, unansweredRounds: 3, unlistedSinceMs: undefined });
  });

  test('forgets everything at the first answer', () => {
    expect(countRound(suspicious, { leader, answered: true }).unansweredRounds).toBe(0);
  });

  test('begins anew when the lease is taken anew, also by the same member', () => {
    const taken = { name: 'db1', modRevision: '8' };
    expect(countRound(suspicious, { leader: taken, answered: false }).unansweredRounds).toBe(1);
  });
});

describe('a guard', () => {
  test('says nothing before the third round without an answer', () => {
    const before = { ...suspicious, unansweredRounds: UNANSWERED_ROUNDS_MIN - 1 };
    expect(decisionOf('db2', before, silent)).toEqual({ kind: 'wait' });
  });

  test('votes after the third', () => {
    expect(decisionOf('db2', suspicious, silent)).toEqual({ kind: 'vote', leader });
  });

  test('never judges its own server', () => {
    const votes = [vote('db2'), vote('db3')];
    expect(decisionOf('db1', suspicious, { ...silent, votes })).toEqual({ kind: 'wait' });
  });

  test('never judges a leader that is no member', () => {
    const stranger = { name: 'db9', modRevision: '7' };
    const before = { ...suspicious, leader: stranger };
    expect(decisionOf('db2', before, { ...silent, leader: stranger })).toEqual({ kind: 'wait' });
  });

  test('takes its vote back when the leader answers', () => {
    const observation = { ...silent, answered: true, votes: [vote('db2')] };
    expect(decisionOf('db2', suspicious, observation)).toEqual({ kind: 'withdraw', leader });
  });

  test('waits while it is alone', () => {
    expect(decisionOf('db2', suspicious, { ...silent, votes: [vote('db2')] })).toEqual({
      kind: 'wait',
    });
  });

  test('strikes the leader off with a majority of the others', () => {
    const votes = [vote('db4'), vote('db2')];
    expect(decisionOf('db2', suspicious, { ...silent, votes })).toEqual({
      kind: 'strike',
      leader,
      voters: ['db2', 'db4'],
    });
  });

  test('gives the lease up once the others had the time to see it struck off', () => {
    const observation = { ...silent, isListed: false, votes: [vote('db2'), vote('db3')] };
    const first = decide('db2', MEMBERS, suspicious, observation);
    expect(first.decision).toEqual({ kind: 'settle' });
    const early = { ...observation, nowMs: observation.nowMs + UNLISTED_MS_MIN - 1 };
    expect(decisionOf('db2', first.suspicion, early)).toEqual({ kind: 'settle' });
    const late = { ...observation, nowMs: observation.nowMs + UNLISTED_MS_MIN };
    expect(decisionOf('db2', first.suspicion, late)).toEqual({
      kind: 'release',
      leader,
      voters: ['db2', 'db3'],
    });
  });

  test('does not count votes against an earlier holding of the lease', () => {
    const votes = [vote('db2'), vote('db3', '6')];
    expect(decisionOf('db2', suspicious, { ...silent, votes })).toEqual({ kind: 'wait' });
  });

  test('does not count strangers, the leader itself, or votes about somebody else', () => {
    const votes = [vote('db2'), vote('db9'), vote('db1'), vote('db3', '7', 'db4')];
    expect(decisionOf('db2', suspicious, { ...silent, votes })).toEqual({ kind: 'wait' });
  });
});

test('a majority of the others is two of three, and never less than half', () => {
  expect([2, 3, 4, 5, 7].map(majorityOfOthers)).toEqual([1, 2, 2, 3, 4]);
});

test('whatever it sees, it never acts against an answering leader or without a majority', () => {
  const name = fc.constantFrom(...MEMBERS, 'db9');
  const revision = fc.constantFrom('6', '7');
  fc.assert(
    fc.property(
      fc.record({
        nowMs: fc.nat(2_000),
        leader: fc.option(fc.record({ name, modRevision: revision }), { nil: undefined }),
        isListed: fc.boolean(),
        answered: fc.boolean(),
        votes: fc.array(fc.record({ voter: name, leader: name, modRevision: revision })),
      }),
      fc.record({
        leader: fc.option(fc.record({ name, modRevision: revision }), { nil: undefined }),
        unansweredRounds: fc.nat(5),
        unlistedSinceMs: fc.option(fc.nat(2_000), { nil: undefined }),
      }),
      fc.constantFrom(...MEMBERS),
      (observation, before, self) => {
        const { kind } = decisionOf(self, before, observation);
        if (kind !== 'strike' && kind !== 'release') return;
        const voters = new Set(
          observation.votes
            .filter(
              (cast) =>
                cast.leader === observation.leader?.name &&
                cast.modRevision === observation.leader.modRevision &&
                cast.voter !== cast.leader,
            )
            .map(({ voter }) => voter),
        );
        expect(observation.answered).toBe(false);
        expect(observation.leader?.name).not.toBe(self);
        expect(voters.has(self)).toBe(true);
        expect([...voters].filter((voter) => MEMBERS.includes(voter)).length).toBeGreaterThan(1);
      },
    ),
  );
});
