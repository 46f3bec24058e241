import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { judge } from '../../chaos/judge.ts';
import { verifyManifest } from '../../reports/manifest.ts';
import { writeSyntheticRun } from './synthetic-run.ts';

// It took 6 s with ten other programs on two cores.
vi.setConfig({ testTimeout: 60_000 });

test('a made-up run is whole, clean, and holds three failovers with messages sent again', async () => {
  const run = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  onTestFinished(() => rmSync(run, { recursive: true }));
  const written = await writeSyntheticRun(run, 60_000);
  const { findings } = await judge(run);
  expect(written.messages).toBe(60_000);
  expect(await verifyManifest(run)).toEqual([]);
  expect(findings.checks.filter(({ kind }) => !['held', 'not-tested'].includes(kind))).toEqual([]);
  expect(findings.preconditions.filter(({ met }) => !met)).toEqual([]);
  expect(findings.messages).toMatchObject({ offered: 60_000, acknowledged: 60_000, lost: 0 });
  expect(findings.deliveries).toMatchObject({
    received: written.deliveries,
    expected: written.deliveries,
  });
  expect(findings.confidence.failovers).toBe(3);
  expect(findings.availability.withRetries).toBe(1);
  expect(findings.availability.asSent).toBeLessThan(1);
});
