import { describe, expect, test } from 'vitest';
import {
  countRound,
  decide,
  FENCE_MS_MAX,
  FENCE_MS_MIN,
  fencedMember,
  fenceOf,
  IDLE_ROUNDS_MIN,
  majorityOfOthers,
  NO_SUSPICION,
  type Observation,
  type Suspicion,
} from './decide.ts';
import {
  decisionOf,
  fence,
  fenced,
  leader,
  MEMBERS,
  silent,
  suspicious,
  vote,
} from './sights.fixture.ts';

describe('counting rounds', () => {
  test('counts rounds without an answer in a row', () => {
    let suspicion = NO_SUSPICION;
    for (let round = 0; round < 3; round += 1) suspicion = countRound(suspicion, silent);
    expect(suspicion).toEqual({ ...NO_SUSPICION, leader, idleRounds: 3 });
  });

  test('forgets everything at the first answer', () => {
    expect(countRound(suspicious, { ...silent, word: 'lives' }).idleRounds).toBe(0);
  });

  test('a round in which nobody at all answers counts neither for the leader nor against it', () => {
    expect(countRound(suspicious, { ...silent, word: 'deaf' })).toEqual(suspicious);
    const another = { ...suspicious, leader: { name: 'db3', modRevision: '5' } };
    expect(countRound(another, { ...silent, word: 'deaf' })).toEqual({ ...NO_SUSPICION, leader });
  });

  test('begins anew when the lease is taken anew, also by the same member', () => {
    const taken = { name: 'db1', modRevision: '8' };
    expect(countRound(suspicious, { ...silent, leader: taken }).idleRounds).toBe(1);
  });
});

describe('a guard', () => {
  test('says nothing before the third round without an answer', () => {
    const before = { ...suspicious, idleRounds: IDLE_ROUNDS_MIN - 1 };
    expect(decisionOf('db2', before, silent)).toEqual({ kind: 'wait', why: 'few-rounds' });
  });

  test('votes after the third', () => {
    expect(decisionOf('db2', suspicious, silent)).toEqual({ kind: 'vote', leader });
  });

  test('that hears nobody says nothing, and fences nobody, whatever the others say', () => {
    const deaf: Observation = { ...silent, word: 'deaf' };
    expect(decisionOf('db2', suspicious, deaf)).toEqual({ kind: 'wait', why: 'deaf' });
    const votes = [vote('db2'), vote('db3')];
    expect(decisionOf('db2', suspicious, { ...deaf, votes })).toEqual({
      kind: 'wait',
      why: 'deaf',
    });
  });

  test('never judges its own server', () => {
    const votes = [vote('db2'), vote('db3')];
    expect(decisionOf('db1', suspicious, { ...silent, votes })).toEqual({
      kind: 'wait',
      why: 'own-server',
    });
  });

  test('never judges a leader that is no member', () => {
    const stranger = { name: 'db9', modRevision: '7' };
    const before = { ...suspicious, leader: stranger };
    expect(decisionOf('db2', before, { ...silent, leader: stranger })).toEqual({
      kind: 'wait',
      why: 'stranger',
    });
  });

  test('takes its vote back when the leader answers', () => {
    const observation: Observation = { ...silent, word: 'lives', votes: [vote('db2')] };
    expect(decisionOf('db2', suspicious, observation)).toEqual({ kind: 'withdraw', leader });
  });

  test('waits while it is alone', () => {
    expect(decisionOf('db2', suspicious, { ...silent, votes: [vote('db2')] })).toEqual({
      kind: 'wait',
      why: 'few-votes',
    });
  });

  test('fences the leader with a majority of the others', () => {
    const votes = [vote('db4'), vote('db2')];
    expect(decisionOf('db2', suspicious, { ...silent, votes })).toEqual({
      kind: 'fence',
      leader,
      voters: ['db2', 'db4'],
    });
  });

  test('does not count votes against an earlier holding of the lease', () => {
    const votes = [vote('db2'), vote('db3', '6')];
    expect(decisionOf('db2', suspicious, { ...silent, votes })).toEqual({
      kind: 'wait',
      why: 'few-votes',
    });
  });

  test('does not count strangers, the leader itself, or votes about somebody else', () => {
    const votes = [vote('db2'), vote('db9'), vote('db1'), vote('db3', '7', 'db4')];
    expect(decisionOf('db2', suspicious, { ...silent, votes })).toEqual({
      kind: 'wait',
      why: 'few-votes',
    });
  });
});

describe('a leader that says that it runs a replica', () => {
  const denies: Observation = { ...silent, word: 'denies', votes: [vote('db2'), vote('db3')] };

  test('works while etcd says the same: it is on its way up', () => {
    expect(countRound(suspicious, denies).idleRounds).toBe(0);
    expect(decisionOf('db2', suspicious, denies)).toEqual({ kind: 'withdraw', leader });
  });

  test('does not work if etcd still calls it a primary: it cannot tell etcd what it became', () => {
    const cutOff = { ...denies, primaries: ['db1'] };
    expect(countRound(suspicious, cutOff).idleRounds).toBe(IDLE_ROUNDS_MIN + 1);
    expect(decisionOf('db2', suspicious, cutOff).kind).toBe('fence');
  });
});

describe.for(['switched-off', 'paused'] as const)('a guard that is %s', (standBy) => {
  const votes = [vote('db3'), vote('db4')];

  test('neither votes nor fences, whatever the others say', () => {
    expect(decisionOf('db2', suspicious, { ...silent, votes, standBy })).toEqual({
      kind: 'wait',
      why: standBy,
    });
  });

  test('takes back what it said', () => {
    const observation = { ...silent, votes: [vote('db2'), ...votes], standBy };
    expect(decisionOf('db2', suspicious, observation)).toEqual({ kind: 'withdraw', leader });
  });

  test('ends a fence that stands', () => {
    const observation = { ...fenced, standBy };
    const { suspicion } = decide('db2', MEMBERS, suspicious, observation);
    const late = { ...observation, nowMs: fenced.nowMs + FENCE_MS_MIN };
    expect(decisionOf('db2', suspicion, late).kind).toBe('release');
  });
});

describe('behind a fence', () => {
  const release = { kind: 'release', leader: fence, fenced: 'db1' };
  const at = (before: Suspicion, afterMs: number, seen: Partial<Observation> = {}) =>
    decide('db2', MEMBERS, before, { ...fenced, nowMs: fenced.nowMs + afterMs, ...seen });

  test('the key is given up once the others had the time to see it', () => {
    const { suspicion, decision } = at(suspicious, 0);
    expect(decision).toEqual({ kind: 'settle' });
    expect(at(suspicion, FENCE_MS_MIN - 1).decision).toEqual({ kind: 'settle' });
    expect(at(suspicion, FENCE_MS_MIN).decision).toEqual(release);
  });

  test('an old primary that still calls itself one is waited for, but not for ever', () => {
    const { suspicion } = at(suspicious, 0);
    const alive = { primaries: ['db1'] };
    expect(at(suspicion, FENCE_MS_MAX - 1, alive).decision).toEqual({ kind: 'settle' });
    expect(at(suspicion, FENCE_MS_MAX - 1, { primaries: ['db3'] }).decision).toEqual(release);
    expect(at(suspicion, FENCE_MS_MAX, alive).decision).toEqual(release);
  });

  test('one that took the key again is held twice as long the next time', () => {
    let before = at(suspicious, 0).suspicion;
    for (const leader of [undefined, { name: 'db1', modRevision: '10' }]) {
      before = countRound(before, { ...silent, leader });
    }
    const again = { leader: { ...fence, modRevision: '11' } };
    const { suspicion, decision } = at(before, 5_000, again);
    expect(decision).toEqual({ kind: 'settle' });
    expect(at(suspicion, 5_000 + 2 * FENCE_MS_MIN - 1, again).decision).toEqual({ kind: 'settle' });
    expect(at(suspicion, 5_000 + 2 * FENCE_MS_MIN, again).decision.kind).toBe('release');
  });

  test('the first answer of a leader ends that', () => {
    const before = at(suspicious, 0).suspicion;
    expect(countRound(before, { ...silent, word: 'lives' }).fenced).toBeUndefined();
  });

  test('a new fence is not taken for the old one', () => {
    const before = countRound(at(suspicious, 0).suspicion, {
      ...silent,
      leader: { ...fence, modRevision: '11' },
    });
    expect(before.fencedSinceMs).toBeUndefined();
  });

  test('the fenced member’s own guard keeps still', () => {
    const late = { ...fenced, nowMs: fenced.nowMs + FENCE_MS_MAX };
    const { suspicion } = decide('db1', MEMBERS, suspicious, fenced);
    expect(decisionOf('db1', suspicion, late)).toEqual({ kind: 'wait', why: 'own-server' });
  });

  test('a fence names whom it fences, and a leader is no fence', () => {
    expect(fencedMember(fenceOf('db1'))).toBe('db1');
    expect(fencedMember('db1')).toBeUndefined();
  });
});

test('a majority of the others is two of three, and never less than half', () => {
  expect([2, 3, 4, 5, 7].map(majorityOfOthers)).toEqual([1, 2, 2, 3, 4]);
});
