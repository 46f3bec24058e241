/**
 * What must never happen, whatever a guard sees: partitions of every shape, clocks that are moved,
 * and anything at all.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, fenceOf, type Suspicion } from './decide.ts';
import { decisionOf, fenced, MEMBERS, silent, suspicious, vote } from './sights.fixture.ts';

/** Who hears whom is what a partition is; a guard hears the leader or it does not, and reads etcd or it does not. */
describe('a partition', () => {
  const voting = (hearers: readonly string[], readers: readonly string[]) => {
    const deaf = readers.filter((self) => self !== 'db1' && !hearers.includes(self));
    const votes = deaf.map((self) => vote(self));
    return readers.map(
      (self) =>
        decisionOf(self, suspicious, {
          ...silent,
          word: hearers.includes(self) ? 'lives' : 'nothing',
          votes,
        }).kind,
    );
  };
  const subsets = fc.tuple(fc.subarray(['db2', 'db3', 'db4']), fc.subarray(MEMBERS));

  test('of any shape fences the leader exactly when two guards that read etcd do not hear it', () => {
    fc.assert(
      fc.property(subsets, ([hearers, readers]) => {
        const deaf = readers.filter((self) => self !== 'db1' && !hearers.includes(self));
        expect(voting(hearers, readers).includes('fence')).toBe(deaf.length >= 2);
      }),
    );
  });

  test('is never answered by a guard that hears the leader', () => {
    fc.assert(
      fc.property(subsets, ([hearers, readers]) => {
        const decisions = voting(hearers, readers);
        readers.forEach((self, index) => {
          if (hearers.includes(self) || self === 'db1') expect(decisions[index]).toBe('wait');
        });
      }),
    );
  });
});

describe('a clock that is moved', () => {
  const at = (nowMs: number, before: Suspicion) =>
    decide('db2', MEMBERS, before, { ...fenced, nowMs, primaries: ['db1'] });

  test('forward, ends the wait behind a fence early and nothing else', () => {
    const { suspicion } = at(1_000, suspicious);
    expect(at(3_600_000, suspicion).decision.kind).toBe('release');
    expect(decisionOf('db2', suspicious, { ...silent, nowMs: 3_600_000 }).kind).toBe('vote');
  });

  test('back, leaves a fence to the lease under which it stands', () => {
    const { suspicion } = at(3_600_000, suspicious);
    expect(at(1_000, suspicion).decision).toEqual({ kind: 'settle' });
  });
});

const WORDS = ['lives', 'denies', 'nothing', 'deaf'] as const;

test('whatever it sees, it never acts against a leader at work or without a majority', () => {
  const name = fc.constantFrom(...MEMBERS, 'db9', fenceOf('db1'));
  const revision = fc.constantFrom('6', '7');
  fc.assert(
    fc.property(
      fc.record({
        nowMs: fc.nat(2_000),
        leader: fc.option(fc.record({ name, modRevision: revision }), { nil: undefined }),
        primaries: fc.subarray(MEMBERS),
        word: fc.constantFrom(...WORDS),
        votes: fc.array(fc.record({ voter: name, leader: name, modRevision: revision })),
        standBy: fc.constantFrom('switched-off' as const, 'paused' as const, undefined),
      }),
      fc.record({
        leader: fc.option(fc.record({ name, modRevision: revision }), { nil: undefined }),
        idleRounds: fc.nat(5),
        fencedSinceMs: fc.option(fc.nat(2_000), { nil: undefined }),
        fenced: fc.option(fc.record({ name, times: fc.integer({ min: 1, max: 9 }) }), {
          nil: undefined,
        }),
      }),
      fc.constantFrom(...MEMBERS),
      (observation, before, self) => {
        const { kind } = decisionOf(self, before, observation);
        if (observation.standBy !== undefined) expect(['vote', 'fence']).not.toContain(kind);
        // Only a fence that a majority has put up is ever released, never a leader.
        if (kind === 'release') expect(observation.leader?.name).toBe(fenceOf('db1'));
        if (kind !== 'fence') return;
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
        expect(['lives', 'deaf']).not.toContain(observation.word);
        if (observation.word === 'denies') {
          expect(observation.primaries).toContain(observation.leader?.name);
        }
        expect(observation.leader?.name).not.toBe(self);
        expect(voters.has(self)).toBe(true);
        expect([...voters].filter((voter) => MEMBERS.includes(voter)).length).toBeGreaterThan(1);
      },
    ),
  );
});
