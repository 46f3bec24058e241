/**
 * One judgement as a user would ask for it: `holdfast check RUN` in a process
 * of its own, kept to one core by `taskset`. Its time runs from the start of
 * that process to its end, so Node's own start is in it; the CPU time is that
 * of all its threads, which share the one core.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { HoldfastError } from '../../cluster/errors.ts';

const HERE = import.meta.dirname;
const COMMAND = join(HERE, '../../holdfast');
const PRELOADED = pathToFileURL(join(HERE, 'report-resources.ts')).href;

const resourcesSchema = z.object({ cpuMs: z.number(), peakBytes: z.number() });
/** The part of `verdict.json` that says what was found. */
const foundSchema = z.object({
  verdict: z.string(),
  reasons: z.array(z.string()),
  checks: z.array(z.object({ id: z.string(), kind: z.string() })),
  messages: z.object({ offered: z.number(), acknowledged: z.number() }),
  deliveries: z.object({ received: z.number(), expected: z.number() }),
  confidence: z.object({ failovers: z.number() }),
});
export type Found = Readonly<z.infer<typeof foundSchema>>;

export interface Judged {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakBytes: number;
  readonly found: Found;
}

export async function judgeRun(run: string): Promise<Judged> {
  const beganMs = performance.now();
  const command = [COMMAND, 'check', run, '--json'];
  const child = spawn('taskset', ['--cpu-list', oneCore(), ...command], {
    env: { ...process.env, NODE_OPTIONS: `--import ${PRELOADED}` },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const [, verdict, complaints, resources] = child.stdio;
  const said = Promise.all([verdict, complaints, resources].map((pipe) => text(pipe as Readable)));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  const wallMs = performance.now() - beganMs;
  const [json = '', errors = '', took = ''] = await said;
  // Node itself ends with 1 when it cannot load the command; then no verdict is printed.
  if (exitCode === null || exitCode > 2 || json === '') {
    throw new HoldfastError({
      code: 'bench-check',
      message: `holdfast check ${run} ended with ${exitCode} after ${Math.round(wallMs)} ms: ${errors.trim()}`,
      remedy: `try it by hand: ./holdfast check ${run}`,
    });
  }
  return {
    wallMs,
    ...resourcesSchema.parse(JSON.parse(took)),
    found: foundSchema.parse(JSON.parse(json)),
  };
}

/** The first core that this process may use, as `taskset` names it. */
function oneCore(): string {
  const allowed = /^Cpus_allowed_list:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return allowed?.[1] ?? '0';
}
