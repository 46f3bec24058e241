import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SHAPES, shapedLoadOf } from '../scenarios/shapes/index.ts';
import { roundTripMsOf } from '../scenarios/shapes/shape.ts';
import { planSchema, type Plan } from './plan.ts';
import { counts, offeredOf, populationOf } from './shaped.ts';

const planOf = (shape: unknown, rest: object = {}): Plan =>
  planSchema.parse({ steadySec: 600, faults: [], shape, ...rest });
const problemsOf = (plan: object): readonly string[] =>
  (planSchema.safeParse(plan).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );

test.each(SHAPES)('$kind makes a valid plan by itself, and one that can be run again', (shape) => {
  const plan = planSchema.parse({ ...shape.plan, shape: { kind: shape.kind } });
  expect(planSchema.parse(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
  expect(Object.keys(plan.shape).sort()).toEqual(
    ['kind', ...(plan.shape.kind === 'steady' ? [] : Object.keys(shape.options))].sort(),
  );
});

test.each(SHAPES)('$kind has profiles that begin at once and never stand still', (shape) => {
  const options = Object.fromEntries(
    Object.entries(shape.options).map(([name, { from, to }]) => [
      name,
      fc.double({ min: from, max: Math.min(to, 1_000), noNaN: true }),
    ]),
  );
  fc.assert(
    fc.property(fc.record(options), (values) => {
      const given = { shape: { ...values, kind: shape.kind } };
      const { rates } = shapedLoadOf({ ...given, users: 2_000, intervalSec: 60, steadySec: 3_600 });
      for (const { spans } of rates) {
        expect(spans[0]?.fromMs).toBe(0);
        expect(spans.every(({ times }) => times > 0)).toBe(true);
        const begins = spans.map(({ fromMs }) => fromMs);
        expect(begins).toEqual(begins.toSorted((left, right) => left - right));
      }
    }),
  );
});

test('without a shape the load is steady, as in runs of before there were any', () => {
  expect(planSchema.parse({}).shape).toEqual({ kind: 'steady' });
  expect(offeredOf(planOf({ kind: 'steady' }, { users: 20_000 }), 60)).toBeCloseTo(20_000);
});

test('today is a hundred messages a second of fifty users', () => {
  const [, today] = SHAPES;
  expect(offeredOf(planSchema.parse({ ...today.plan, shape: { kind: 'today' } }), 1)).toBeCloseTo(
    100,
  );
});

test('a spike has five times the messages for a minute', () => {
  const plan = planOf({ kind: 'spike' }, { users: 600 });
  expect(offeredOf(plan, 60)).toBeCloseTo(600);
  expect(offeredOf(plan, 120) - offeredOf(plan, 60)).toBeCloseTo(3_000);
  expect(offeredOf(plan, 180) - offeredOf(plan, 120)).toBeCloseTo(600);
});

test('a European day has as many messages as a steady one, and its peaks follow one another', () => {
  const plan = planOf({ kind: 'european-day', daySec: 240 }, { users: 300 });
  expect(offeredOf(plan, 240)).toBeCloseTo(300 * 4, 6);
  const peaks = shapedLoadOf(plan).rates.map(({ spans }) => {
    const most = Math.max(...spans.map(({ times }) => times));
    return spans.findIndex(({ times }) => times === most);
  });
  expect(peaks).toEqual([10, 9, 8]);
});

test('whoever lives far from the service is as far as the plan says, and all others are near', () => {
  const { roundTripsMs } = shapedLoadOf(planOf({ kind: 'european-day', eastMs: 80 }));
  expect([0, 1, 2, 3, 302].map((user) => roundTripMsOf(roundTripsMs, user))).toEqual([
    45, 10, 80, 45, 80,
  ]);
  expect(roundTripMsOf(shapedLoadOf(planOf({ kind: 'steady' })).roundTripsMs, 7)).toBe(0);
});

test('the hot channel has as many members as asked for, or all users', () => {
  const hotOf = (users: number) =>
    populationOf(planOf({ kind: 'hot-channel' }, { users })).channels.find(
      ({ kind }) => kind === 'hot',
    );
  expect(hotOf(6_000)?.members).toHaveLength(5_000);
  expect(new Set(hotOf(6_000)?.members).size).toBe(5_000);
  expect(hotOf(70)?.members.toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 70 }, (_, user) => user),
  );
  const { channels, channelsOfUser } = populationOf(planOf({ kind: 'hot-channel' }, { users: 70 }));
  expect(channelsOfUser.every((own) => own[3] === channels.length)).toBe(true);
});

test('slow readers are in the channel that they are slow to read, and count for nothing else', () => {
  const plan = planOf({ kind: 'slow-readers', readers: 3, members: 5 }, { users: 50 });
  const hot = populationOf(plan).channels.at(-1);
  expect(hot?.members).toHaveLength(5);
  expect(hot?.members).toEqual(expect.arrayContaining([47, 48, 49]));
  expect([0, 46, 47, 49].map(counts(plan))).toEqual([true, true, false, false]);
});

test('an abuser sends hundreds of messages a second, and availability is not about them', () => {
  const plan = planOf({ kind: 'abuser' }, { users: 100, intervalSec: 2 });
  expect(offeredOf(plan, 60) - offeredOf(plan, 30)).toBeCloseTo(99 * 15 + 200 * 30);
  expect([0, 1, 99].map(counts(plan))).toEqual([false, true, true]);
});

test('says which option is wrong, and what it may be', () => {
  expect(problemsOf({ shape: { kind: 'spike', times: 5_000 } })).toEqual([
    'shape.times: times is a number from 0.01 to 1000',
  ]);
  expect(problemsOf({ shape: { kind: 'spike', time: 5 } })).toEqual([
    'shape: spike has no time; it has times, atSec, lastsSec',
  ]);
  expect(problemsOf({ shape: { kind: 'today', times: 5 } })).toEqual([
    'shape: today has no times; it has no options',
  ]);
  expect(problemsOf({ shape: { kind: 'spikes' } })[0]).toMatch(/^shape.kind: .*'spike'/);
});

test('refuses a plan that its shape does not fit into', () => {
  expect(problemsOf({ shape: { kind: 'spike' }, steadySec: 60 })).toEqual([
    'steadySec: the shape spike takes 120 s, as its options are',
  ]);
  expect(problemsOf({ shape: { kind: 'slow-readers' }, users: 12 })).toEqual([
    'users: at least twice the 10 slow readers',
  ]);
  expect(problemsOf({ shape: { kind: 'abuser' }, users: 20_000 })).toEqual([
    "users: the flood's messages times all users are over 20000000: fewer users",
  ]);
});
