import { expect, test } from 'vitest';
import type { RunEvent } from '../events.ts';
import { observeScaling } from './observed-scaling.ts';

/** `app1/chat 5, app1/ingest 9` at each look, a second apart, in a window that holds them all. */
function events(...looks: readonly string[]): RunEvent[] {
  const roles = looks.map((look, index): RunEvent => {
    const done = look.split(', ').map((each) => each.split(' '));
    return {
      atMs: 1_000 * (index + 1),
      kind: 'roles',
      done: Object.fromEntries(done.map(([process = '', work]) => [process, Number(work)])),
    };
  });
  return [
    { atMs: 500, kind: 'window-began' },
    ...roles,
    { atMs: 1_000 * (looks.length + 1), kind: 'window-ended' },
  ];
}

test('a service of one component was not looked at', () => {
  expect(observeScaling(events())).toBeNull();
});

test('counts each role, and what was started meanwhile', () => {
  const scaling = observeScaling(
    events(
      'app1/chat 5, app1/ingest 9, app2/ingest 8, app1/history 4',
      'app1/chat 6, app1/ingest 12, app1/history 4',
      'app1/chat 7, app1/ingest 13, app1/history 5, app2/ingest 0',
      'app1/chat 8, app1/ingest 13, app1/history 6, app2/ingest 4',
      'app1/chat 9, app1/ingest 14, app1/history 6, app2/ingest 5, app2/history 0',
    ),
  );
  expect(scaling?.roles).toEqual({
    chat: { counts: [1], changedAlone: 0 },
    ingest: { counts: [2, 1, 2], changedAlone: 2 },
    history: { counts: [1, 2], changedAlone: 1 },
  });
  expect(scaling?.started).toEqual([
    { process: 'app2/ingest', work: 5, looks: 3 },
    { process: 'app2/history', work: 0, looks: 1 },
  ]);
});

test('two roles that change at once did not change alone, and one that ended again is told till then', () => {
  const scaling = observeScaling(
    events(
      'app1/chat 1, app1/ingest 1, app1/history 1',
      'app1/chat 1, app1/ingest 1, app1/history 1, app2/ingest 3, app2/history 2',
      'app1/chat 1, app1/ingest 1, app1/history 1',
    ),
  );
  expect(scaling?.roles.ingest).toEqual({ counts: [1, 2, 1], changedAlone: 0 });
  expect(scaling?.started).toEqual([
    { process: 'app2/ingest', work: 3, looks: 1 },
    { process: 'app2/history', work: 2, looks: 1 },
  ]);
});

test('what happens outside the window counts for nothing', () => {
  const before: RunEvent = { atMs: 100, kind: 'roles', done: { 'app9/ingest': 1 } };
  const look = 'app1/chat 1, app1/ingest 1, app1/history 1';
  expect(observeScaling([before, ...events(look)])?.roles.ingest.counts).toEqual([1]);
});
