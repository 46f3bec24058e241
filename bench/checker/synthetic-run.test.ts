import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { judge } from '../../chaos/judge.ts';
import { verifyManifest } from '../../reports/manifest.ts';
import { writeSyntheticRun } from './synthetic-run.ts';

// It took 6 s with ten other programs on two cores.
vi.setConfig({ testTimeout: 60_000 });

test('a made-up run is whole, clean, and holds three failovers, messages sent again and readers', async () => {
  const run = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  onTestFinished(() => rmSync(run, { recursive: true }));
  const written = await writeSyntheticRun(run, 60_000);
  const { findings } = await judge(run);
  expect(written.messages).toBe(60_000);
  expect(await verifyManifest(run)).toEqual([]);
  expect(findings.checks.filter(({ kind }) => kind !== 'held')).toEqual([]);
  // One user in a hundred reads, once in each of the three intervals.
  const reads = findings.checks.find(({ id }) => id === 'wrong-history')?.counts;
  expect(reads).toMatchObject({ reads: 600, differing: 0, cut: 0 });
  expect(findings.preconditions.filter(({ met }) => !met)).toEqual([]);
  const salt = findings.preconditions.find(({ id }) => id === 'salt-noticed');
  expect(salt?.measured).toMatch(/^7 of 7; /);
  expect(findings.messages).toMatchObject({ offered: 60_000, acknowledged: 60_000, lost: 0 });
  expect(findings.deliveries).toMatchObject({
    received: written.deliveries,
    expected: written.deliveries,
  });
  expect(findings.confidence.failovers).toBe(3);
  expect(findings.availability.withRetries).toBe(1);
  expect(findings.availability.asSent).toBeLessThan(1);
});
