/** From a run directory to its verdict; needs nothing but the directory. */
import { existsSync } from 'node:fs';
import type { Precondition, Series } from '../chaos/findings.ts';
import { judge } from '../chaos/judge.ts';
import { inRun, runFiles } from '../chaos/run-directory.ts';
import { judgeClaims } from '../reports/claims/index.ts';
import { verdictOf, type Verdict } from '../reports/verdict.ts';
import { isEvidence, verifyManifest } from '../reports/manifest.ts';
import { readEnvironment } from './run-directory.ts';

export interface Conclusion {
  readonly verdict: Verdict;
  readonly series: Series;
  /** Nobody vouches for the evidence: reports may be written, but not sealed. */
  readonly unsealed: boolean;
}

/**
 * Judges the run. Evidence that is not as its manifest says makes it inconclusive, by name; so does
 * a `stored` run without a manifest, because nobody knows what became of it since it ended.
 */
export async function concludeRun(run: string, { stored = false } = {}): Promise<Conclusion> {
  const sealed = existsSync(inRun(run, runFiles.manifest));
  const changed =
    sealed || stored ? (await verifyManifest(run)).filter((file) => isEvidence(file)) : [];
  const { findings, observed, series } = await judge(run);
  const doubted: readonly Precondition[] = changed.length === 0 ? [] : [evidenceChanged(changed)];
  const preconditions = [...findings.preconditions, ...doubted];
  const evidence = { findings: { ...findings, preconditions }, observed };
  return {
    verdict: verdictOf(evidence.findings, judgeClaims(evidence)),
    series,
    unsealed: stored && !sealed,
  };
}

const evidenceChanged = (files: readonly string[]): Precondition => ({
  id: 'evidence-unchanged',
  title: `The evidence is as ${runFiles.manifest} says`,
  met: false,
  measured: files.join('; '),
  required: 'no file changed, missing or added',
});

/** Writes reports and manifest of a run. */
export async function writeConclusion(run: string, conclusion: Conclusion): Promise<void> {
  const { verdict, series, unsealed } = conclusion;
  // Loaded when there is something to write: a run that is judged again has its reports.
  const { writeReports } = await import('../reports/write.ts');
  const environment = await readEnvironment(run);
  await writeReports(run, { verdict, series, environment }, !unsealed);
}
