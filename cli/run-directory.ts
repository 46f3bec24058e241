/** Makes a run's directory, with room on the disk for it, and finds it again by name. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HoldfastError } from '../cluster/errors.ts';
import { inRun, runFiles } from '../chaos/run-directory.ts';
import type { Plan } from '../chaos/plan.ts';
import { offeredOf } from '../chaos/shaped.ts';

/** Bytes of a message's evidence: two client lines (90) and a row on each of four nodes (60). */
const BYTES_A_MESSAGE = 330;
/** Population, receipts, usage samples and the report, whatever the load. */
const BYTES_FIXED = 50_000_000;

/** What a run of this plan writes at the most, bytes. */
export function bytesNeeded(plan: Plan): number {
  const held = plan.faults.reduce((sum, { holdSec }) => sum + holdSec + 60, 0);
  const messages = offeredOf(plan, plan.steadySec + held);
  return Math.ceil(BYTES_FIXED + messages * BYTES_A_MESSAGE + plan.users * 500);
}

export interface RunDirectory {
  readonly path: string;
  readonly name: string;
}

/** `20260101T120000Z`: sorts by time, and is a file name everywhere. */
export const stampOf = (now: Date): string =>
  now.toISOString().replaceAll(/[-:]/g, '').replace(/\.\d+/, '');

export async function createRunDirectory(
  parent: string,
  plan: Plan,
  now: Date,
): Promise<RunDirectory> {
  const name = `${stampOf(now)}-${plan.name}`;
  const path = join(parent, name);
  try {
    await mkdir(path, { recursive: true });
    const { bavail, bsize } = await statfs(path);
    const needed = bytesNeeded(plan);
    if (bavail * bsize < needed) {
      throw new HoldfastError({
        code: 'no-space',
        message: `${parent} has ${megabytes(bavail * bsize)} free; this run may write ${megabytes(needed)}`,
        remedy: 'free some space, or name another place with --runs DIR',
      });
    }
    await writeFile(inRun(path, runFiles.plan), `${JSON.stringify(plan, null, 2)}\n`);
  } catch (error) {
    if (error instanceof HoldfastError) throw error;
    throw new HoldfastError({
      code: 'run-directory',
      message: `the run directory ${path} cannot be made: ${String(error)}`,
      remedy: 'name a place that can be written with --runs DIR',
      cause: error,
    });
  }
  return { path, name };
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1_000_000)} MB`;

/** A run directory somebody named; the error says what it lacks. */
export function requireRun(path: string): string {
  const plan = inRun(path, runFiles.plan);
  if (existsSync(plan)) return path;
  throw new HoldfastError({
    code: 'no-run',
    message: `${path} is no run directory: it has no ${runFiles.plan}`,
    remedy: `name a directory under ${dirname(path) === '.' ? 'runs/' : dirname(path)}, as printed at the end of a run`,
    exitCode: 64,
  });
}

export async function readEnvironment(run: string): Promise<Record<string, unknown>> {
  const file = inRun(run, runFiles.environment);
  if (!existsSync(file)) return {};
  const value: unknown = JSON.parse(await readFile(file, 'utf8'));
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
