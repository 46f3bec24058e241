import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SABOTAGES as OF_SERVER } from '../../reference-server/sabotaged/names.ts';
import { planSchema } from '../plan.ts';
import { OPEN_SABOTAGES, SABOTAGES } from './index.ts';
import { SERVER_SABOTAGES } from './of-server.ts';
import { lanesOf, turnsOf } from './sequence.ts';
import { smallPlan } from './small-plan.ts';

test('every sabotage has a name of its own that a run directory can bear', () => {
  const names = [...SABOTAGES, ...OPEN_SABOTAGES].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, circumstances } of SABOTAGES) {
    expect(planSchema.safeParse(smallPlan(name, circumstances)).success).toBe(true);
  }
});

test('there are at least twenty-four', () => {
  expect(SABOTAGES.length).toBeGreaterThanOrEqual(24);
});

test('the sabotages of the server are those that the sabotaged server knows', () => {
  expect(SERVER_SABOTAGES.map(({ name }) => name).sort()).toEqual([...OF_SERVER].sort());
});

test('every sabotage comes after a control in its circumstances, and the calm one closes', () => {
  const turns = turnsOf(SABOTAGES);
  const controlled = new Set<string>();
  let since = 0;
  for (const turn of turns) {
    if (turn.kind === 'control') {
      controlled.add(turn.circumstances.name);
      since = 0;
    } else {
      expect(controlled).toContain(turn.sabotage.circumstances.name);
      since++;
      expect(since).toBeLessThanOrEqual(8);
    }
  }
  expect(turns.at(-1)).toMatchObject({ kind: 'control', circumstances: { name: 'calm' } });
  expect(turns.filter(({ kind }) => kind === 'sabotage')).toHaveLength(SABOTAGES.length);
});

test('nothing of the sabotaged server is imported by the server itself', async () => {
  const folder = join(import.meta.dirname, '../../reference-server');
  const sources = (await readdir(folder)).filter((file) => file.endsWith('.ts'));
  for (const file of sources) {
    expect(await readFile(join(folder, file), 'utf8')).not.toMatch(/sabotag/i);
  }
});

test('spread over two clusters each sabotage is run once, beside all of its circumstances, with as many turns on each', () => {
  const lanes = lanesOf(SABOTAGES, 2);
  expect(lanes.flat().toSorted(byName)).toEqual(SABOTAGES.toSorted(byName));
  const [first = [], second = []] = lanes.map(
    (lane) => new Set(lane.map(({ circumstances }) => circumstances.name)),
  );
  expect([...first].filter((name) => new Set(second).has(name))).toEqual(['calm']);
  const [one = 0, other = 0] = lanes.map((lane) => turnsOf(lane).length);
  expect(Math.abs(one - other)).toBeLessThanOrEqual(2);
});

test('for a few sabotages there is one cluster', () => {
  const [some] = SABOTAGES;
  expect(lanesOf(some === undefined ? [] : [some], 2)).toEqual([[some]]);
});

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
