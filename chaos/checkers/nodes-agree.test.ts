import { expect, test } from 'vitest';
import { cleanHistory, emptyHistory } from '../ledger/run-history.fixture.ts';
import { withLedgers } from '../ledger/written-history.fixture.ts';
import { nodesAgree } from './nodes-agree.ts';

test('holds when all nodes hold the same rows', () => {
  expect(withLedgers(cleanHistory(), nodesAgree)).toEqual({
    id: 'nodes-agree',
    title: 'All nodes of a database hold the same rows',
    kind: 'held',
    counts: { nodes: 4, differing: 0, onlyFirst: 0, onlyOther: 0 },
    examples: [],
    detail: 'Counted in rows, each node against the first one of its database.',
  });
});

test('reports a row that one node lacks', () => {
  const history = cleanHistory();
  history.rows['db2']?.splice(5, 1);
  expect(withLedgers(history, nodesAgree)).toMatchObject({
    kind: 'refuted',
    counts: { nodes: 4, differing: 0, onlyFirst: 1, onlyOther: 0 },
    examples: [expect.stringMatching(/^ledger\/rows-db1\.tsv:\d+ is not on db2$/)],
  });
});

test('reports a row that only the first node lacks, once for every other node', () => {
  const history = cleanHistory();
  history.rows['db1']?.splice(5, 1);
  expect(withLedgers(history, nodesAgree).counts).toEqual({
    nodes: 4,
    differing: 0,
    onlyFirst: 0,
    onlyOther: 3,
  });
});

test('reports a body that diverged on one node', () => {
  const history = cleanHistory();
  const row = history.rows['db4']?.[2];
  if (row !== undefined) row.body = 'something else';
  expect(withLedgers(history, nodesAgree)).toMatchObject({
    kind: 'refuted',
    counts: { differing: 1, onlyFirst: 0, onlyOther: 0 },
    examples: [expect.stringContaining('is another row on db4')],
  });
});

test('does not know when a node was not read, or nothing was', () => {
  const history = cleanHistory();
  delete history.rows['db4'];
  expect(withLedgers(history, nodesAgree)).toMatchObject({ kind: 'unknown', counts: { nodes: 3 } });
  expect(withLedgers(emptyHistory(), nodesAgree)).toMatchObject({ kind: 'unknown' });
});
