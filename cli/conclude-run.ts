/** From a run directory to its verdict; needs nothing but the directory. */
import { existsSync } from 'node:fs';
import type { Precondition, Series } from '../chaos/findings.ts';
import { judge } from '../chaos/judge.ts';
import { inRun, runFiles } from '../chaos/run-directory.ts';
import { judgeClaims } from '../reports/claims/index.ts';
import { verdictOf, type Verdict } from '../reports/verdict.ts';
import { verifyManifest, writeReports } from '../reports/write.ts';
import { readEnvironment } from './run-directory.ts';

export interface Conclusion {
  readonly verdict: Verdict;
  readonly series: Series;
}

/** What follows from evidence, and may be written anew at any time. */
const DERIVED: readonly string[] = [
  runFiles.verdict,
  runFiles.series,
  runFiles.report,
  runFiles.junit,
  runFiles.summary,
];

/** Judges the run. Evidence that is not as its manifest says makes it inconclusive, by name. */
export async function concludeRun(run: string): Promise<Conclusion> {
  const changed = existsSync(inRun(run, runFiles.manifest))
    ? (await verifyManifest(run)).filter(
        (file) => !DERIVED.some((derived) => file.includes(derived)),
      )
    : [];
  const { findings, observed, series } = await judge(run);
  const doubted: readonly Precondition[] = changed.length === 0 ? [] : [evidenceChanged(changed)];
  const preconditions = [...findings.preconditions, ...doubted];
  const evidence = { findings: { ...findings, preconditions }, observed };
  return { verdict: verdictOf(evidence.findings, judgeClaims(evidence)), series };
}

const evidenceChanged = (files: readonly string[]): Precondition => ({
  id: 'evidence-unchanged',
  title: `The evidence is as ${runFiles.manifest} says`,
  met: false,
  measured: files.join('; '),
  required: 'no file changed, missing or added',
});

/** Writes reports and manifest of a run. */
export async function writeConclusion(run: string, { verdict, series }: Conclusion): Promise<void> {
  await writeReports(run, { verdict, series, environment: await readEnvironment(run) });
}
