import { expect, test } from 'vitest';
import type { Precondition } from '../findings.ts';
import { objectiveSchema } from '../plan.ts';
import { latencyObjective } from './latency-objective.ts';

const ACKNOWLEDGED = { p50: 12, p95: 40, p99: 240, max: 900 };
const DELIVERED = { p50: 20, p95: 60, p99: 410, max: 950 };
const FIT = ['shards-finished', 'send-lag', 'generator-clocks', 'ledgers-whole', 'event-loop-lag'];
const preconditionsOf = (met: boolean): readonly Precondition[] =>
  FIT.map((id) => ({ id, title: '', met, measured: '', required: '' }));

const judged = (objective: object, delivered: object = DELIVERED, isFit = true) =>
  latencyObjective(
    objectiveSchema.parse(objective),
    ACKNOWLEDGED,
    { ...DELIVERED, ...delivered },
    preconditionsOf(isFit),
    ['the disk stalled'],
  );

test('a plan that asks for no latency is not checked for one', () => {
  expect(judged({})).toEqual([]);
});

test('holds what is within its bounds', () => {
  expect(judged({ latencyP50MsMax: 12, latencyP99MsMax: 250 })).toMatchObject([
    { kind: 'held', counts: { asked: 2, over: 0 }, examples: [] },
  ]);
});

test('refutes what is not, unless the generator may be the cause', () => {
  const objective = { latencyP99MsMax: 250, deliveryP99MsMax: 400 };
  expect(judged(objective)).toMatchObject([
    {
      kind: 'refuted',
      examples: ['delivered, 99 % within 410 ms, 400 ms required', 'the disk stalled'],
    },
  ]);
  expect(judged(objective, {}, false)).toMatchObject([{ kind: 'unknown' }]);
});

test('does not know what was not measured', () => {
  expect(judged({ deliveryP99MsMax: 400 }, { p99: null })).toMatchObject([{ kind: 'unknown' }]);
});
