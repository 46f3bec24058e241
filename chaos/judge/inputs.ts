/** The two JSON files of a run that a judgement needs, parsed at the edge. */
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { HoldfastError } from '../../cluster/errors.ts';
import { planSchema, type Plan } from '../plan.ts';
import { inRun, runFiles } from '../run-directory.ts';

/** The plan is written before anything else, so a directory without it is no run. */
export function readPlan(run: string): Plan {
  const path = inRun(run, runFiles.plan);
  if (!existsSync(path)) {
    throw new HoldfastError({
      code: 'not-a-run',
      message: `${run} is not the directory of a run: it has no ${runFiles.plan}`,
      remedy: 'name a directory that a run has written, for example one under runs/',
      exitCode: 64,
    });
  }
  try {
    return planSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new HoldfastError({
      code: 'plan-unreadable',
      message: `${path} is not a plan: ${why}`,
      remedy: 'restore the file as the run wrote it; its hash stands in MANIFEST.sha256',
      exitCode: 64,
      cause,
    });
  }
}

const environmentSchema = z.looseObject({
  databaseNodes: z.array(z.string()).default([]),
  cluster: z
    .looseObject({
      servers: z
        .array(z.looseObject({ id: z.string(), database: z.number().int().min(0).optional() }))
        .default([]),
    })
    .optional(),
  machine: z.looseObject({ cores: z.number().int().min(1) }).optional(),
});

export interface RunEnvironment {
  /** Names of the database nodes whose rows have to be read; empty when that is not known. */
  readonly databaseNodes: readonly string[];
  /** Of which database each of them is a member, from 0. */
  readonly databaseOfNode: ReadonlyMap<string, number>;
  /** Of the machine the run ran on; null when that is not known. */
  readonly cores: number | null;
}

export function readRunEnvironment(run: string): RunEnvironment {
  try {
    const text = readFileSync(inRun(run, runFiles.environment), 'utf8');
    const { databaseNodes, cluster, machine } = environmentSchema.parse(JSON.parse(text));
    const servers = cluster?.servers ?? [];
    return {
      databaseNodes,
      databaseOfNode: new Map(
        databaseNodes.map((node) => [node, servers.find(({ id }) => id === node)?.database ?? 0]),
      ),
      cores: machine?.cores ?? null,
    };
  } catch {
    // A run that died before it was written has no rows either: the preconditions say so.
    return { databaseNodes: [], databaseOfNode: new Map(), cores: null };
  }
}
