/**
 * CPU and memory of every process over the run (`metrics/usage.jsonl`): one
 * line a sample of one process. It is drawn, never judged, so lines that
 * cannot be read are skipped.
 */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { Series } from '../findings.ts';
import { readLines } from './lines.ts';

/** One line of the file. */
export const usageSampleSchema = z.object({
  atMs: z.number(),
  /** `app1/chat`, `load/shard-0`. */
  id: z.string(),
  /** Used CPU time since the container's start, seconds. */
  cpuSec: z.number(),
  memoryBytes: z.number(),
});
export type UsageSample = Readonly<z.infer<typeof usageSampleSchema>>;

/** By id; each entry is the mean since the sample before, so the first sample has none. */
export function readUsage(path: string): Series['usage'] {
  if (!existsSync(path)) return [];
  const samples = new Map<string, UsageSample[]>();
  readLines(path, (bytes, start, end) => {
    const sample = parseSample(bytes.toString('utf8', start, end));
    if (sample === null) return;
    const list = samples.get(sample.id);
    if (list === undefined) samples.set(sample.id, [sample]);
    else list.push(sample);
  });
  return [...samples]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([id, list]) => seriesOf(id, list));
}

function parseSample(text: string): UsageSample | null {
  try {
    return usageSampleSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function seriesOf(id: string, samples: readonly UsageSample[]): Series['usage'][number] {
  const steps = samples.slice(1).flatMap((sample, index) => {
    const before = samples[index];
    if (before === undefined || sample.atMs <= before.atMs) return [];
    const usedSec = sample.cpuSec - before.cpuSec;
    // Less than before: the container was started anew, and its clock with it.
    const cores = (usedSec < 0 ? sample.cpuSec : usedSec) / ((sample.atMs - before.atMs) / 1_000);
    return [{ atMs: sample.atMs, cores, memoryBytes: sample.memoryBytes }];
  });
  return {
    id,
    atMs: steps.map(({ atMs }) => atMs),
    cores: steps.map(({ cores }) => Math.round(cores * 1_000) / 1_000),
    memoryBytes: steps.map(({ memoryBytes }) => memoryBytes),
  };
}
