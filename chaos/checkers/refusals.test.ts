import { expect, test } from 'vitest';
import type { RunEvent } from '../events.ts';
import { ATTEMPTS, refusals } from './refusals.ts';

const NODES = ['db1', 'db2', 'db3', 'db4'];

const tried = (refused: (attempt: number) => boolean, attempts = ATTEMPTS): RunEvent[] =>
  Array.from({ length: attempts }, (_, attempt) => ({
    atMs: attempt,
    kind: 'refusal',
    what: `attempt ${attempt}`,
    refused: refused(attempt),
    detail: 'so it was',
  }));

const written = (refused: boolean): RunEvent[] =>
  ['db2', 'db3', 'db4'].map((node) => ({
    ...{ atMs: 9, kind: 'replica-write', node, detail: 'read-only' },
    refused: refused || node !== 'db3',
  }));

test('holds when every attempt and every write on a replica was refused', () => {
  const result = refusals([...tried(() => true), ...written(true)], { nodes: NODES, databases: 1 });
  expect(result).toMatchObject({ kind: 'held', counts: { tried: 11, taken: 0, written: 0 } });
});

test('names the attempt that the service did not refuse', () => {
  const result = refusals([...tried((attempt) => attempt !== 2), ...written(true)], {
    nodes: NODES,
    databases: 1,
  });
  expect(result).toMatchObject({ kind: 'refuted', counts: { taken: 1 } });
  expect(result.examples).toEqual(['attempt 2: so it was']);
});

test('names the replica that took a write, even when nothing else was tried', () => {
  const result = refusals(written(false), { nodes: NODES, databases: 1 });
  expect(result).toMatchObject({ kind: 'refuted', counts: { written: 1 } });
  expect(result.examples[0]).toContain('db3');
});

test('does not know about what was not tried', () => {
  const result = refusals([...tried(() => true, 3), ...written(true)], {
    nodes: NODES,
    databases: 1,
  });
  expect(result).toMatchObject({ kind: 'unknown' });
  expect(result.detail).toContain(`${ATTEMPTS - 3} attempts`);
  expect(refusals([], { nodes: NODES, databases: 1 }).kind).toBe('unknown');
});
