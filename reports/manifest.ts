/**
 * `MANIFEST.sha256`: a checksum of every file of a run directory, so that
 * evidence that was changed afterwards is seen. `sha256sum -c` reads it too.
 *
 * Evidence is sealed once: writing the reports anew renews the sums of the
 * reports only, so that it never seals what was changed meanwhile.
 *
 * It protects against accidents and careless hands, not against somebody who
 * rewrites the manifest as well. Symbolic links and sockets are not evidence
 * and are not listed.
 */
import { createHash } from 'node:crypto';
import { open, readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { inRun, runFiles } from '../chaos/run-directory.ts';

/** What follows from evidence, and may be written anew at any time. */
const DERIVED: readonly string[] = [
  runFiles.verdict,
  runFiles.series,
  runFiles.report,
  runFiles.junit,
  runFiles.summary,
].flatMap((file) => [file, `${file}.partial`]);

export const isEvidence = (file: string): boolean => !DERIVED.includes(file);

/** The manifest's text: `<sha256>  <path>` a file, sorted by path. */
export async function renderManifest(runDirectory: string): Promise<string> {
  const text = await readManifest(runDirectory);
  const sealed = text === null ? null : parseManifest(text);
  // A manifest that cannot be read vouches for nothing, and must not be made to.
  if (text !== null && sealed === null) return text;
  const sums = new Map([...(sealed ?? [])].filter(([file]) => isEvidence(file)));
  for (const file of await filesOf(runDirectory)) {
    // Once sealed, evidence that appears later stays unlisted, and is told.
    if (sealed !== null && isEvidence(file)) continue;
    sums.set(file, await sha256Of(inRun(runDirectory, file)));
  }
  return [...sums]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([file, sum]) => `${sum}  ${file}\n`)
    .join('');
}

function readManifest(runDirectory: string): Promise<string | null> {
  return readFile(inRun(runDirectory, runFiles.manifest), 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
}

/**
 * Names of files that are not as the manifest says: changed, missing or added,
 * sorted; empty: the evidence is as it was left. Without a manifest, its own name.
 */
export async function verifyManifest(runDirectory: string): Promise<readonly string[]> {
  const text = await readManifest(runDirectory);
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

/** Less than the time of a checksum goes into handing a chunk over. */
const CHUNK_BYTES = 2 ** 20;

/** By chunks: a ledger may be larger than the memory one wants to spend on it. */
async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  // One buffer for all chunks: a stream's fresh ones have to be cleared and collected.
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  await using file = await open(path);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
