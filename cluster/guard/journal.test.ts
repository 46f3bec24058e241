import { expect, test } from 'vitest';
import { type Decision, NO_SUSPICION, type Suspicion } from './decide.ts';
import { createJournal } from './journal.ts';
import { createMetrics } from './metrics.ts';

const leader = { name: 'db1', modRevision: '7' };
const votes = [
  { voter: 'db3', leader: 'db1', modRevision: '7' },
  { voter: 'db4', leader: 'db1', modRevision: '6' },
];
const seen = { leader, votes, standBy: undefined };
const suspicion = (idleRounds: number): Suspicion => ({
  ...NO_SUSPICION,
  leader,
  idleRounds,
});

const keep = () => {
  const lines: unknown[] = [];
  const metrics = createMetrics();
  const journal = createJournal(['db1', 'db2', 'db3', 'db4'], metrics, (event, fields) =>
    lines.push({ event, ...fields }),
  );
  return { lines, metrics, journal };
};

test('tells a decision once with its reason, and counts it every time', async () => {
  const { lines, metrics, journal } = keep();
  const decision: Decision = { kind: 'wait', why: 'few-votes' };
  journal.decided(decision, suspicion(3), seen);
  journal.decided(decision, suspicion(3), seen);
  expect(lines).toEqual([
    {
      event: 'decision',
      decision: 'wait',
      why: 'few-votes',
      leader: 'db1',
      modRevision: '7',
      idleRounds: 3,
      voters: ['db3'],
    },
  ]);
  const text = await metrics.registry.metrics();
  expect(text).toContain('guard_decisions_total{decision="wait",why="few-votes"} 2');
  expect(text).toContain('guard_idle_rounds 3');
  expect(text).toContain('guard_votes 1');
  expect(text).toContain('guard_standing_by 0');
});

test('tells it again when anything that led to it has changed', () => {
  const { lines, journal } = keep();
  const decision: Decision = { kind: 'wait', why: 'few-rounds' };
  journal.decided(decision, suspicion(1), seen);
  journal.decided(decision, suspicion(2), seen);
  journal.decided(decision, suspicion(2), { ...seen, leader: { ...leader, modRevision: '8' } });
  expect(lines).toHaveLength(3);
});

test('tells and counts what became of a change to the leader key', async () => {
  const { lines, metrics, journal } = keep();
  journal.changed('fence', false);
  journal.changed('release', true);
  expect(lines).toEqual([
    { event: 'changed', change: 'fence', done: false },
    { event: 'changed', change: 'release', done: true },
  ]);
  const text = await metrics.registry.metrics();
  expect(text).toContain('guard_changes_total{change="fence",done="no"} 1');
  expect(text).toContain('guard_changes_total{change="release",done="yes"} 1');
});
