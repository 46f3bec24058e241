import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runFiles } from '../run-directory.ts';
import { readEvents } from './events.ts';
import { cleanHistory } from './run-history.fixture.ts';
import { withRun } from './written-history.fixture.ts';

test('reads the event log as it was written, and tolerates a torn last line', async () => {
  const history = cleanHistory({ faultAtMs: 1_000 });
  await withRun(history, async (run) => {
    const path = join(run, runFiles.events);
    expect(readEvents(path)).toEqual({ events: history.events, torn: false, problems: [] });
    appendFileSync(path, '{"atMs":1,"kind":"no');
    expect(readEvents(path)).toEqual({ events: history.events, torn: true, problems: [] });
  });
});

test('names the line that is no event', async () => {
  await withRun(cleanHistory(), async (run) => {
    const path = join(run, runFiles.events);
    const lines = cleanHistory().events.length;
    appendFileSync(path, 'nonsense\n{"atMs":1,"kind":"party"}\n');
    const { problems } = readEvents(path);
    expect(problems).toEqual([
      `events.jsonl:${lines + 1} is no event: no JSON`,
      expect.stringContaining(`events.jsonl:${lines + 2} is no event: `),
    ]);
    rmSync(path);
    expect(readEvents(path).problems).toEqual(['events.jsonl is missing']);
  });
});
