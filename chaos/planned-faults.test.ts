import { expect, test } from 'vitest';
import { planSchema } from './plan.ts';
import { delays, movableClocks } from './faults/mechanisms.ts';
import { drawFaults, dueFaults, faultAt, needs } from './planned-faults.ts';

const weights = { 'kill-postgres': 1, 'kill-server': 1, 'cut-link': 2 } as const;
const campaign = (count: number, seed = 7) =>
  planSchema.parse({ seed, faults: drawFaults(seed, weights, count), campaign: { weights } });
const kinds = (faults: readonly { readonly kind: string }[]) => faults.map(({ kind }) => kind);

test('while nothing is skipped, a campaign is what was planned', () => {
  const plan = campaign(9);
  expect(dueFaults(plan, [])).toEqual(plan.faults);
  expect(faultAt(plan, 3)).toEqual(plan.faults[3]);
});

test('what is skipped is followed by the next of the same stream', () => {
  const plan = campaign(5);
  const stream = kinds(drawFaults(7, weights, 7));
  expect(kinds(dueFaults(plan, [1, 4]))).toEqual([0, 2, 3, 5, 6].map((place) => stream[place]));
  expect(faultAt(plan, 6)?.kind).toBe(stream[6]);
});

test('a plan that names its faults has no others instead', () => {
  const plan = planSchema.parse({ faults: [{ kind: 'kill-server' }, { kind: 'cut-link' }] });
  expect(kinds(dueFaults(plan, [0]))).toEqual(['kill-server', 'cut-link']);
  expect(faultAt(plan, 2)).toBeUndefined();
});

test('a plan needs what its faults need, and what its campaign may draw', () => {
  const named = planSchema.parse({ faults: [{ kind: 'kill-server' }, { kind: 'clock-jump' }] });
  expect(needs(named, movableClocks)).toBe(true);
  expect(needs(named, delays)).toBe(false);
  const drawn = planSchema.parse({ faults: [], campaign: { weights: { 'clock-drift': 1 } } });
  expect(needs(drawn, movableClocks)).toBe(true);
  expect(needs(planSchema.parse({}), movableClocks)).toBe(false);
});

test('refuses weights that are none, with their path', () => {
  const issue = (bad: unknown) =>
    planSchema.safeParse({ campaign: { weights: bad } }).error?.issues[0];
  expect(issue({})?.message).toBe('at least one kind of fault');
  expect(issue({ 'kill-server': 0 })?.path).toEqual(['campaign', 'weights', 'kill-server']);
  expect(issue({ explode: 1 })?.path.slice(0, 2)).toEqual(['campaign', 'weights']);
});
