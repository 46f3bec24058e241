import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judge } from '../judge.ts';
import { cleanHistory } from '../ledger/run-history.fixture.ts';
import { withRun } from '../ledger/written-history.fixture.ts';
import { runFiles } from '../run-directory.ts';

test('draws one entry a second, with the outage as a hole', async () => {
  await withRun(cleanHistory({ users: 40, perUser: 20, faultAtMs: 8_000 }), async (run) => {
    const samples = [0, 5].map((sec) => ({
      atMs: 1_760_000_000_000 + sec * 1_000,
      id: 'app1/chat',
      cpuSec: sec / 10,
      memoryBytes: 1_000,
    }));
    writeFileSync(
      join(run, runFiles.usage),
      `${samples.map((sample) => JSON.stringify(sample)).join('\n')}\n{"atMs":`,
    );
    const { series } = await judge(run);
    expect(series.offered).toHaveLength(40);
    expect(series.offered.reduce((sum, count) => sum + count)).toBe(800);
    expect(series.acknowledged.slice(8, 10)).toEqual([0, 0]);
    expect(series.p50Ms[2]).toBe(12);
    expect(series.sockets[39]).toBe(40);
    expect(series.bands).toEqual([
      { label: 'kill-postgres db1', fromMs: series.fromMs + 8_100, toMs: series.fromMs + 11_000 },
    ]);
    expect(series.usage).toEqual([
      { id: 'app1/chat', atMs: [1_760_000_005_000], cores: [0.1], memoryBytes: [1_000] },
    ]);
  });
});
