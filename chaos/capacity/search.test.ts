import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ceilingOf,
  heldUsers,
  nextStep,
  type EndOfSearch,
  type SearchBounds,
  type StepKind,
  type Tried,
} from './search.ts';

const BOUNDS: SearchBounds = {
  fromUsers: 10_000,
  toUsers: 60_000,
  resolutionUsers: 2_500,
  stepsMax: 12,
  secondsMax: Infinity,
  plannedSecOf: (users) => 90 + users / 270,
};

interface Searched {
  readonly tried: readonly Tried[];
  readonly why: EndOfSearch;
  readonly spentSec: number;
}

/** Plays a search against a made-up system that answers each look at a load. */
function search(
  bounds: SearchBounds,
  answer: (users: number, look: number) => StepKind,
  tookOf = bounds.plannedSecOf,
): Searched {
  const tried: Tried[] = [];
  let spentSec = 0;
  for (;;) {
    const next = nextStep(bounds, tried, spentSec);
    if (next.kind === 'done') return { tried, why: next.why, spentSec };
    const { users } = next;
    const tookSec = tookOf(users);
    spentSec += tookSec;
    tried.push({ users, kind: answer(users, tried.length), tookSec });
  }
}

const healthy = (): StepKind => 'held';
const kneeAt =
  (knee: number, beyond: StepKind = 'failed') =>
  (users: number): StepKind =>
    users <= knee ? 'held' : beyond;
const usersOf = ({ tried }: Searched): readonly number[] => tried.map(({ users }) => users);

const someBounds = fc
  .record({
    fromUsers: fc.integer({ min: 2, max: 20_000 }),
    above: fc.integer({ min: 0, max: 80_000 }),
    resolutionUsers: fc.integer({ min: 1, max: 5_000 }),
  })
  .map(({ fromUsers, above, resolutionUsers }): SearchBounds => ({
    ...BOUNDS,
    ...{ fromUsers, toUsers: fromUsers + above, resolutionUsers },
    stepsMax: 60,
  }));
const someKnee = fc.integer({ min: 0, max: 120_000 });

describe('the search for the largest load', () => {
  it('ends on a system that is healthy for ever, at the most it was to try', () => {
    const searched = search(BOUNDS, healthy);
    expect(usersOf(searched)).toEqual([10_000, 20_000, 40_000, 60_000]);
    expect(searched.why).toBe('top');
    expect(ceilingOf(searched.tried)).toBeUndefined();
  });

  it('doubles, halves the gap, and looks twice at what did not hold', () => {
    const searched = search(BOUNDS, kneeAt(46_000));
    expect(usersOf(searched)).toEqual([
      10_000, 20_000, 40_000, 60_000, 50_000, 45_000, 47_500, 47_500,
    ]);
    expect(searched.why).toBe('found');
    expect(ceilingOf(searched.tried)).toEqual({ users: 47_500, kind: 'failed', times: 2 });
  });

  it('takes one bad minute back at the second look, and goes on from there', () => {
    const searched = search(BOUNDS, (users, look) =>
      look === 1 ? 'failed' : kneeAt(30_000)(users),
    );
    expect(usersOf(searched)).toEqual([
      10_000, 20_000, 15_000, 17_500, 20_000, 40_000, 30_000, 35_000, 32_500, 32_500,
    ]);
    expect(heldUsers(searched.tried)).toBe(30_000);
  });

  it('tries a load of which nothing is known again, before it goes down', () => {
    const once = search(BOUNDS, (_users, look) => (look === 1 ? 'unknown' : healthy()));
    expect(usersOf(once)).toEqual([10_000, 20_000, 20_000, 40_000, 60_000]);
    const always = search(BOUNDS, kneeAt(10_000, 'unknown'));
    expect(usersOf(always).slice(0, 4)).toEqual([10_000, 20_000, 20_000, 15_000]);
    expect(ceilingOf(always.tried)?.kind).toBe('unknown');
  });

  it('goes down from a first load that is too much, to nothing if need be', () => {
    const found = search(BOUNDS, kneeAt(3_000));
    expect(usersOf(found)).toEqual([10_000, 5_000, 2_500, 5_000]);
    const none = search(BOUNDS, kneeAt(0));
    expect(none.why).toBe('found');
    expect(heldUsers(none.tried)).toBe(0);
  });

  it('tells a ceiling of the generator from one of the service', () => {
    const limited = search(BOUNDS, kneeAt(30_000, 'generator'));
    expect(ceilingOf(limited.tried)?.kind).toBe('generator');
    const both = [
      { users: 10, kind: 'generator', tookSec: 1 },
      { users: 10, kind: 'failed', tookSec: 1 },
    ] as const;
    expect(ceilingOf(both)?.kind).toBe('failed');
  });

  it('finds the knee of any system to within its resolution', () => {
    fc.assert(
      fc.property(someBounds, someKnee, (bounds, knee) => {
        const { tried, why } = search(bounds, kneeAt(knee));
        const held = heldUsers(tried);
        expect(held).toBeLessThanOrEqual(knee);
        if (why === 'top') {
          expect(held).toBe(bounds.toUsers);
          return;
        }
        expect(why).toBe('found');
        const ceiling = ceilingOf(tried);
        expect(ceiling?.times).toBe(2);
        expect(ceiling?.users).toBeGreaterThan(knee);
        expect((ceiling?.users ?? Infinity) - held).toBeLessThanOrEqual(bounds.resolutionUsers);
      }),
    );
  });

  const someSeed = fc.integer({ min: 1, max: 0x7fff_fffe });
  const noisy =
    (knee: number, seed: number) =>
    (users: number, look: number): StepKind => {
      const draw = ((seed * 48_271 * (look + 1)) % 0x7fff_ffff) / 0x7fff_ffff;
      if (draw < 0.1) return 'unknown';
      if (draw < 0.2) return 'generator';
      if (draw < 0.3) return users <= knee ? 'failed' : 'held';
      return kneeAt(knee)(users);
    };

  it('ends on any noise, tries no load a third time, and nothing outside its bounds', () => {
    fc.assert(
      fc.property(someBounds, someKnee, someSeed, (bounds, knee, seed) => {
        const searched = search(bounds, noisy(knee, seed));
        expect(searched.tried.length).toBeLessThanOrEqual(bounds.stepsMax);
        const all = usersOf(searched);
        for (const users of new Set(all)) {
          expect(all.filter((each) => each === users).length).toBeLessThanOrEqual(2);
          expect(users).toBeGreaterThanOrEqual(1);
          expect(users).toBeLessThanOrEqual(bounds.toUsers);
        }
      }),
    );
  });

  it('believes the largest load that held, and names the next that did not', () => {
    fc.assert(
      fc.property(someBounds, someKnee, someSeed, (bounds, knee, seed) => {
        const { tried } = search(bounds, noisy(knee, seed));
        const held = heldUsers(tried);
        const ceiling = ceilingOf(tried);
        expect(tried.filter(({ users, kind }) => kind === 'held' && users > held)).toEqual([]);
        if (ceiling !== undefined) expect(ceiling.users).toBeGreaterThan(held);
      }),
    );
  });

  it('keeps to its time on any system whose steps take what the others led to expect', () => {
    const someMinutes = fc.integer({ min: 5, max: 60 });
    const someSlowness = fc.double({ min: 1, max: 1.35, noNaN: true });
    fc.assert(
      fc.property(someKnee, someMinutes, someSlowness, (knee, minutes, slowness) => {
        const bounds = { ...BOUNDS, secondsMax: minutes * 60 };
        const tookOf = (users: number): number => bounds.plannedSecOf(users) * slowness;
        const { spentSec } = search(bounds, kneeAt(knee), tookOf);
        expect(spentSec).toBeLessThanOrEqual(bounds.secondsMax + 1e-6);
      }),
    );
  });

  it('tries less where there is no time for what it wanted, and says when there is none at all', () => {
    const searched = search({ ...BOUNDS, secondsMax: 800 }, healthy);
    expect(searched.why).toBe('no-time');
    expect(usersOf(searched)).toEqual([10_000, 20_000, 40_000, 47_500]);
    expect(nextStep({ ...BOUNDS, secondsMax: 60 }, [], 0)).toEqual({
      kind: 'done',
      why: 'no-time',
    });
  });
});
