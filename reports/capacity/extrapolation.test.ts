import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extrapolate } from './extrapolation.ts';
import { extrapolationWords, rounded } from './extrapolation-words.ts';
import { sampleStep, sampleSweep } from './sample-sweep.fixture.ts';
import { straightLine } from './straight-line.ts';

const plain = (text: string): string => text.replaceAll('\u202f', ' ');

describe('nine servers from what was measured', () => {
  it('finds again what each server costs, and which is full first', () => {
    const extrapolation = extrapolate(sampleSweep.steps);
    if (extrapolation.kind !== 'extrapolated') throw new Error(extrapolation.why);
    expect(extrapolation.fromUsers).toEqual([10_000, 20_000, 30_000]);
    const [edge, app, primary, replica] = extrapolation.servers;
    expect(edge?.cores.each).toBeCloseTo(0.04 / 10_000, 12);
    expect(edge).toMatchObject({ role: 'edge', servers: 2, usersMax: 375_000, fullBy: 'cores' });
    expect(edge?.usersMaxAfterLoss).toBe(187_500);
    expect(app?.cores.fixed).toBeCloseTo(0.06, 9);
    expect(app?.coresAtMission).toBeCloseTo(0.14, 9);
    expect(primary?.cores.fixed).toBeCloseTo(0.06, 9);
    expect(primary?.usersMaxAfterLoss).toBe(primary?.usersMax);
    expect(replica?.cores.each).toBeCloseTo(0.02 / 10_000, 12);
    expect(extrapolation.first?.role).toBe('primary');
    // All on one line, whichever is left out.
    expect(extrapolation.firstAfterLoss).toEqual({
      role: 'edge',
      users: 187_500,
      span: { least: 187_500, most: 187_500 },
    });
  });

  it('leaves the generator and what did not hold out of it', () => {
    const withGenerator = sampleSweep.steps.map((step) => ({
      ...step,
      usage: [...step.usage, { id: 'load/shard-9', cores: step.users, memoryBytes: 1e12 }],
    }));
    const broken = sampleStep(50_000, { kind: 'failed', usage: [] });
    expect(extrapolate([...withGenerator, broken])).toEqual(extrapolate(sampleSweep.steps));
  });

  it('says in words what it takes for granted, and that nobody measured it', () => {
    const extrapolation = extrapolate(sampleSweep.steps);
    const words = plain(extrapolationWords(extrapolation));
    expect(words).toContain(
      '280 000 users (from 280 000 to 280 000 when one of these loads is left out), then the primary’s server would be full first.',
    );
    expect(words).toContain('180 000 users (from 180 000 to 180 000), then an edge.');
    expect(words).toContain('9.6 times the largest load it is drawn from, and nobody measured it');
    expect(JSON.stringify(extrapolation)).toContain('75 % of its 2 CPUs');
  });

  it('says how far the figure hangs on a single load', () => {
    const costing = (users: number, cores: number) =>
      sampleStep(users, { usage: [{ id: 'app1/chat', cores, memoryBytes: 1e8 }] });
    // Each 10,000 users cost 0.05 cores without the last, 0.075 without the middle, 0.1 without the first.
    const bent = [costing(10_000, 0.3), costing(20_000, 0.35), costing(30_000, 0.45)];
    const extrapolation = extrapolate(bent);
    if (extrapolation.kind !== 'extrapolated') throw new Error(extrapolation.why);
    expect(extrapolation.first?.span).toEqual({ least: 135_000, most: 250_000 });
    expect(extrapolation.first?.users).toBeGreaterThan(135_000);
    expect(extrapolation.first?.users).toBeLessThan(250_000);
  });

  it('has no upper end where a cost grew by one load alone', () => {
    const flat = [10_000, 20_000, 30_000].map((users) =>
      sampleStep(users, {
        usage: [{ id: 'app1/chat', cores: users === 30_000 ? 0.2 : 0.1, memoryBytes: 1e8 }],
      }),
    );
    const extrapolation = extrapolate(flat);
    expect(extrapolation).toMatchObject({ first: { span: { most: null } } });
    expect(plain(extrapolationWords(extrapolation))).toMatch(/users \(from \d+ 000 on when/);
  });

  it('is not possible from two loads, which always lie on a line', () => {
    const two = [sampleStep(10_000), sampleStep(10_000), sampleStep(20_000)];
    expect(extrapolationWords(extrapolate(two))).toContain('there are 2');
    expect(extrapolationWords(extrapolate(two.slice(0, 2)))).toContain('there is 1');
  });

  it('is not possible from loads so small that noise is all there is', () => {
    const extrapolation = extrapolate([50, 80, 100].map((users) => sampleStep(users)));
    expect(extrapolationWords(extrapolation)).toContain('the largest was 100 users');
  });

  it('says that memory is what fills a server, where it is', () => {
    const steps = [10_000, 20_000, 30_000].map((users) =>
      sampleStep(users, { usage: [{ id: 'app1/chat', cores: 0.1, memoryBytes: users * 1e5 }] }),
    );
    expect(extrapolate(steps)).toMatchObject({
      servers: [{ role: 'app', usersMax: 480_000, fullBy: 'memory' }],
    });
  });

  it('rounds to two digits, down', () => {
    expect([159_999, 99_999, 7, 0].map(rounded).map(plain)).toEqual([
      '150 000',
      '99 000',
      '7',
      '0',
    ]);
  });
});

describe('the straight line', () => {
  const someCost = fc.double({ min: 1e-6, max: 1, noNaN: true });

  it('finds any line again from points on it', () => {
    fc.assert(
      fc.property(
        someCost,
        someCost,
        fc.uniqueArray(fc.nat(1_000), { minLength: 2 }),
        (fixed, each, places) => {
          const line = straightLine(places.map((at) => ({ at, value: fixed + each * at })));
          expect(line?.fixed).toBeCloseTo(fixed, 6);
          expect(line?.each).toBeCloseTo(each, 6);
        },
      ),
    );
  });

  it('costs never less than nothing, with and without users', () => {
    const somePoint = fc.record({
      at: fc.nat(1_000),
      value: fc.double({ min: 0, max: 10, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(somePoint), (points) => {
        const line = straightLine(points);
        if (line === null) {
          expect(new Set(points.map(({ at }) => at)).size).toBeLessThan(2);
          return;
        }
        expect(line.fixed).toBeGreaterThanOrEqual(0);
        expect(line.each).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
