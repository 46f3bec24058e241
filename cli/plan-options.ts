/**
 * From the command line and the config file to a frozen plan. What is given
 * on the command line wins over the file, the file over the defaults.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ZodError } from 'zod';
import { HoldfastError } from '../cluster/errors.ts';
import { rolesApart } from '../chaos/faults/mechanisms.ts';
import { FAULT_KINDS, type FaultKind } from '../chaos/faults/index.ts';
import { planSchema, type Plan } from '../chaos/plan.ts';
import { needs } from '../chaos/planned-faults.ts';
import { planDefaultsOf, SHAPE_KINDS, type ShapeKind } from '../scenarios/shapes/index.ts';

/** Looked for in the working directory when `--config` names no other. */
const CONFIG_FILES = ['holdfast.config.ts', 'holdfast.config.json'] as const;

export interface PlanArguments {
  readonly config: string | undefined;
  readonly users: number | undefined;
  readonly duration: string | undefined;
  readonly seed: number | undefined;
  readonly faults: string | undefined;
  /** Shape of the load. */
  readonly shape?: string | undefined;
  readonly name: string;
  /** False: without the failover guard. */
  readonly guard?: boolean | undefined;
  /** `together` or `apart`. */
  readonly roles?: string | undefined;
  /** Replicated database clusters that share the channels. */
  readonly shards?: number | undefined;
  /** Pause after each fault. */
  readonly pause?: string | undefined;
  readonly campaign?: Plan['campaign'];
}

const UNITS_SEC = { s: 1, m: 60, h: 3_600 } as const;

/** `90s`, `3m`, `1h` → seconds. */
export function parseDuration(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) {
    throw usageError('bad-duration', `${text} is not a time`, 'write it like 60s, 3m or 1h');
  }
  return Number(amount) * UNITS_SEC[unit as keyof typeof UNITS_SEC];
}

/** `kill-server,cut-link` → planned faults; `none` → none. */
export function parseFaults(text: string): readonly FaultKind[] {
  if (text === 'none') return [];
  return text.split(',').map((word) => {
    const kind = FAULT_KINDS.find((known) => known === word.trim());
    if (kind !== undefined) return kind;
    throw usageError(
      'unknown-fault',
      `there is no fault '${word.trim()}'`,
      `use some of ${FAULT_KINDS.join(', ')}, or none`,
    );
  });
}

/** `spike` → the shape of that name. */
function parseShape(text: string): ShapeKind {
  const kind = SHAPE_KINDS.find((known) => known === text);
  if (kind !== undefined) return kind;
  throw usageError(
    'unknown-shape',
    `there is no shape '${text}'`,
    `use one of ${SHAPE_KINDS.join(', ')}`,
  );
}

/** The config's options of a shape count where the command line names the same shape, or none. */
function shapeOf(config: object, named: string | undefined): object {
  const given = 'shape' in config ? config.shape : undefined;
  const kind = named === undefined ? undefined : parseShape(named);
  if (kind === undefined) return { ...(given !== undefined && { shape: given }) };
  const isSame = typeof given === 'object' && given !== null && 'kind' in given;
  return { shape: isSame && given.kind === kind ? given : { kind } };
}

/** What the shape makes of a plan that says nothing else. */
function shapeDefaults({ shape }: { readonly shape?: unknown }): object {
  const kind = typeof shape === 'object' && shape !== null && 'kind' in shape ? shape.kind : null;
  const known = SHAPE_KINDS.find((each) => each === kind);
  return known === undefined ? {} : planDefaultsOf(known);
}

const usageError = (
  code: string,
  message: string,
  remedy: string,
  cause?: unknown,
): HoldfastError => new HoldfastError({ code, message, remedy, exitCode: 64, cause });

/** Users connect at about 270 a second: each handshake costs the machine about 2 ms. */
const CONNECTS_HZ = 270;

/** How long so many users take to connect, seconds. */
export const connectSecOf = (users: number): number => Math.max(2, Math.ceil(users / CONNECTS_HZ));

export async function planOf(given: PlanArguments): Promise<Plan> {
  const file = findConfig(given.config);
  const fromFile = file === undefined ? {} : await readConfig(file);
  const shape = shapeOf(fromFile, given.shape);
  const fromFlags = {
    name: given.name,
    ...(given.users !== undefined && { users: given.users }),
    ...(given.seed !== undefined && { seed: given.seed }),
    ...(given.duration !== undefined && { steadySec: parseDuration(given.duration) }),
    ...(given.faults !== undefined && {
      faults: parseFaults(given.faults).map((kind) => ({ kind })),
    }),
    ...(given.guard !== undefined && { guard: given.guard }),
    ...(given.roles !== undefined && { roles: given.roles }),
    ...(given.shards !== undefined && { databases: given.shards }),
    ...(given.pause !== undefined && { settleSec: parseDuration(given.pause) }),
    ...(given.campaign !== undefined && { campaign: given.campaign }),
  };
  const asked = { ...shapeDefaults(shape), ...fromFile, ...shape, ...fromFlags };
  const parsed = planSchema.safeParse(asked);
  if (!parsed.success) throw planError(parsed.error, fromFlags, file);
  const plan = withRoles(parsed.data, 'roles' in asked);
  if ('connectSec' in fromFile) return plan;
  return { ...plan, connectSec: connectSecOf(plan.users) };
}

/** A fault that scales roles gets them apart, unless the plan says otherwise. */
function withRoles(plan: Plan, isAsked: boolean): Plan {
  if (plan.roles === 'apart' || !needs(plan, rolesApart)) return plan;
  if (!isAsked) return { ...plan, roles: 'apart' };
  throw usageError(
    'roles-together',
    'a fault of this plan scales the roles of the chat service, and the plan has them together',
    'ask for roles apart (--roles apart), or for other faults',
  );
}

function findConfig(named: string | undefined): string | undefined {
  if (named !== undefined) {
    if (existsSync(named)) return resolve(named);
    throw usageError(
      'no-config',
      `there is no config file ${named}`,
      'name a .ts or .json file that exists, or leave --config away',
    );
  }
  return CONFIG_FILES.map((file) => resolve(file)).find((file) => existsSync(file));
}

async function readConfig(file: string): Promise<object> {
  try {
    const value: unknown =
      extname(file) === '.json'
        ? JSON.parse(await readFile(file, 'utf8'))
        : ((await import(pathToFileURL(file).href)) as { config?: unknown }).config;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    throw usageError(
      'bad-config',
      `${file} cannot be read: ${String(error)}`,
      'see the README for an example',
      error,
    );
  }
  throw usageError(
    'bad-config',
    `${file} holds no config`,
    'a .json file holds one object; a .ts file exports one as `config`',
  );
}

function planError(error: ZodError, flags: object, file: string | undefined): HoldfastError {
  const lines = error.issues.map(({ path, message }) => {
    const [first] = path;
    const source = first !== undefined && first in flags ? 'command line' : (file ?? 'defaults');
    return `${path.join('.') || 'the config'}: ${message} (${source})`;
  });
  return usageError(
    'bad-plan',
    lines.join('\n'),
    './holdfast gate --help shows what can be set',
    error,
  );
}
