/**
 * Writes all reports of a run into its directory, and the manifest last, unless
 * nobody can vouch for the evidence any more.
 *
 * Each file is written beside its place and then renamed into it, so that a
 * reader, or a run that is killed here, never meets half a report. The half
 * file has a fixed name (`<file>.partial`), so that the next attempt replaces
 * it. The same input gives the same bytes: nothing here looks at the clock.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Series } from '../chaos/findings.ts';
import { inRun, runFiles } from '../chaos/run-directory.ts';
import type { Environment } from './environment.ts';
import { renderHtml } from './html.ts';
import { renderJson } from './json.ts';
import { renderJunit } from './junit.ts';
import { renderManifest } from './manifest.ts';
import { renderMarkdown } from './markdown.ts';
import type { Verdict } from './verdict.ts';

export interface ReportInput {
  readonly verdict: Verdict;
  readonly series: Series;
  readonly environment: Environment;
}

/** Rejects with the file system's error when the directory cannot be written. */
export async function writeReports(
  runDirectory: string,
  input: ReportInput,
  seal = true,
): Promise<void> {
  const { verdict, series } = input;
  const files: readonly (readonly [file: string, text: string])[] = [
    [runFiles.verdict, renderJson(verdict)],
    [runFiles.series, renderJson(series)],
    [runFiles.report, renderHtml(input)],
    [runFiles.junit, renderJunit(verdict)],
    [runFiles.summary, renderMarkdown(verdict)],
  ];
  for (const [file, text] of files) await writeWhole(inRun(runDirectory, file), text);
  if (!seal) return;
  const manifest = await renderManifest(runDirectory);
  await writeWhole(inRun(runDirectory, runFiles.manifest), manifest);
}

/** Beside its place, then renamed into it. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.partial`;
  await writeFile(partial, text);
  await rename(partial, path);
}
