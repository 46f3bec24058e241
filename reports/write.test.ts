import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inRun, runFiles } from '../chaos/run-directory.ts';
import { verifyManifest } from './manifest.ts';
import { sampleFailure, sampleInput, sampleVerdict } from './sample-run.fixture.ts';
import { writeReports } from './write.ts';

let run = '';
beforeEach(async () => {
  run = await mkdtemp(join(tmpdir(), 'holdfast-reports-'));
  await mkdir(inRun(run, runFiles.ledger));
  await writeFile(inRun(run, runFiles.events), '{"kind":"run-started"}\n');
  await writeFile(inRun(run, 'ledger/clients-0.log'), 'S 0 1 0 5 0 1\n');
});
afterEach(() => rm(run, { recursive: true, force: true }));

describe('writing reports', () => {
  it('leaves every report and the evidence, and nothing half written', async () => {
    await writeReports(run, sampleInput);
    expect((await readdir(run)).sort()).toEqual([
      'MANIFEST.sha256',
      'events.jsonl',
      'junit.xml',
      'ledger',
      'metrics',
      'report.html',
      'summary.md',
      'verdict.json',
    ]);
    expect(JSON.parse(await readFile(inRun(run, runFiles.verdict), 'utf8'))).toEqual(sampleVerdict);
  });

  it('replaces the reports of an earlier judgement, and what a killed one left', async () => {
    await writeReports(run, { ...sampleInput, verdict: sampleFailure });
    await writeFile(`${inRun(run, runFiles.report)}.partial`, 'half');
    await writeReports(run, sampleInput);
    expect(await readFile(inRun(run, runFiles.summary), 'utf8')).toMatch(/^# PASS/);
    expect(await readdir(run)).not.toContain('report.html.partial');
    expect(await verifyManifest(run)).toEqual([]);
  });

  it('writes a manifest that sha256sum accepts, sorted by path', async () => {
    await writeReports(run, sampleInput);
    const manifest = await readFile(inRun(run, runFiles.manifest), 'utf8');
    const paths = manifest
      .trim()
      .split('\n')
      .map((line) => line.slice(66));
    expect(paths).toEqual([...paths].sort());
    expect(paths).toContain('ledger/clients-0.log');
    expect(paths).not.toContain(runFiles.manifest);
    const said = execFileSync('sha256sum', ['-c', '--strict', runFiles.manifest], { cwd: run });
    expect(said.toString()).toContain('report.html: OK');
  });
});

describe('the manifest', () => {
  it('holds for evidence as it was left', async () => {
    await writeReports(run, sampleInput);
    expect(await verifyManifest(run)).toEqual([]);
  });

  it('names files that were changed, removed or added', async () => {
    await writeReports(run, sampleInput);
    await appendFile(inRun(run, 'ledger/clients-0.log'), ' ');
    await rm(inRun(run, runFiles.junit));
    await writeFile(inRun(run, 'ledger/clients-9.log'), '');
    expect(await verifyManifest(run)).toEqual([
      'junit.xml',
      'ledger/clients-0.log',
      'ledger/clients-9.log',
    ]);
  });

  it('names itself when it is missing or is no manifest', async () => {
    expect(await verifyManifest(run)).toEqual([runFiles.manifest]);
    await writeFile(inRun(run, runFiles.manifest), 'not a manifest\n');
    expect(await verifyManifest(run)).toEqual([runFiles.manifest]);
  });

  it('never seals what was changed since: only the reports get new sums', async () => {
    await writeReports(run, sampleInput);
    await appendFile(inRun(run, 'ledger/clients-0.log'), ' ');
    await writeFile(inRun(run, 'ledger/clients-9.log'), '');
    await writeReports(run, { ...sampleInput, verdict: sampleFailure });
    expect(await verifyManifest(run)).toEqual(['ledger/clients-0.log', 'ledger/clients-9.log']);
    await rm(inRun(run, 'ledger/clients-0.log'));
    await writeReports(run, sampleInput);
    expect(await verifyManifest(run)).toEqual(['ledger/clients-0.log', 'ledger/clients-9.log']);
  });

  it.each(['', 'not a manifest\n'])(
    'one that reads "%s" is not replaced by a good one',
    async (text) => {
      await writeFile(inRun(run, runFiles.manifest), text);
      await writeReports(run, sampleInput);
      expect(await verifyManifest(run)).not.toEqual([]);
    },
  );

  it('is not written where nobody vouches for the evidence', async () => {
    await writeReports(run, sampleInput, false);
    expect(await readdir(run)).toContain('report.html');
    expect(await readdir(run)).not.toContain(runFiles.manifest);
  });
});
