/** From a run directory to its verdict and reports; needs nothing but the directory. */
import { judge } from '../chaos/judge.ts';
import { judgeClaims } from '../reports/claims/index.ts';
import { verdictOf, type Verdict } from '../reports/verdict.ts';
import { writeReports } from '../reports/write.ts';
import { readEnvironment } from './run-directory.ts';

export async function concludeRun(run: string): Promise<Verdict> {
  const { findings, observed, series } = await judge(run);
  const verdict = verdictOf(findings, judgeClaims({ findings, observed }));
  await writeReports(run, { verdict, series, environment: await readEnvironment(run) });
  return verdict;
}
