/**
 * `MANIFEST.sha256`: a checksum of every file of a run directory, so that
 * evidence that was changed afterwards is seen. `sha256sum -c` reads it too.
 *
 * It protects against accidents and careless hands, not against somebody who
 * rewrites the manifest as well. Symbolic links and sockets are not evidence
 * and are not listed.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { inRun, runFiles } from '../chaos/run-directory.ts';

/** The manifest's text: `<sha256>  <path>` a file, sorted by path. */
export async function renderManifest(runDirectory: string): Promise<string> {
  const lines: string[] = [];
  for (const file of await filesOf(runDirectory)) {
    lines.push(`${await sha256Of(inRun(runDirectory, file))}  ${file}\n`);
  }
  return lines.join('');
}

/**
 * Names of files that are not as the manifest says: changed, missing or added,
 * sorted; empty: the evidence is as it was left. Without a manifest, its own name.
 */
export async function verifyManifest(runDirectory: string): Promise<readonly string[]> {
  const text = await readFile(inRun(runDirectory, runFiles.manifest), 'utf8').catch(
    (error: unknown) => {
      if (isMissing(error)) return null;
      throw error;
    },
  );
  if (text === null) return [runFiles.manifest];
  const listed = parseManifest(text);
  if (listed === null) return [runFiles.manifest];
  const present = await filesOf(runDirectory);
  const odd = new Set(present.filter((file) => !listed.has(file)));
  for (const [file, sum] of listed) {
    if (!present.includes(file) || (await sha256Of(inRun(runDirectory, file))) !== sum) {
      odd.add(file);
    }
  }
  return [...odd].sort();
}

/** Checksum by path; null if a line is not what `renderManifest` writes. */
function parseManifest(text: string): ReadonlyMap<string, string> | null {
  const entries = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => /^([0-9a-f]{64}) {2}(.+)$/.exec(line));
  const sums = new Map<string, string>();
  for (const entry of entries) {
    const [, sum, file] = entry ?? [];
    if (sum === undefined || file === undefined) return null;
    sums.set(file, sum);
  }
  return sums;
}

/** Every regular file below the directory but the manifest, with `/` between folders, sorted. */
async function filesOf(runDirectory: string): Promise<readonly string[]> {
  const entries = await readdir(runDirectory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(runDirectory, join(entry.parentPath, entry.name)))
    .map((file) => file.split(sep).join('/'))
    .filter((file) => file !== runFiles.manifest)
    .sort();
}

/** Streamed: a ledger may be larger than the memory one wants to spend on it. */
async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
