/**
 * The environment record of a run (`environment.json`) as groups of named
 * values. Whoever writes that file decides what is in it, so nothing here
 * knows a key: an object at the top is a group, anything else is general.
 * Deeper objects become dotted names.
 */
import { NOT_MEASURED } from './figures.ts';

export interface EnvironmentGroup {
  readonly name: string;
  readonly entries: readonly (readonly [name: string, value: string])[];
}

export type Environment = Readonly<Record<string, unknown>>;

const GENERAL = 'general';

export function groupEnvironment(environment: Environment): readonly EnvironmentGroup[] {
  const general: (readonly [string, string])[] = [];
  const groups: EnvironmentGroup[] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (isRecord(value)) groups.push({ name, entries: flatten(value, '') });
    else general.push(...flatten({ [name]: value }, ''));
  }
  const all = general.length === 0 ? groups : [{ name: GENERAL, entries: general }, ...groups];
  return all.filter((group) => group.entries.length > 0);
}

function flatten(value: object, prefix: string): (readonly [string, string])[] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (Array.isArray(inner)) return flattenList(inner, path);
    if (isRecord(inner)) return flatten(inner, path);
    return [[path, plain(inner)] as const];
  });
}

function flattenList(list: readonly unknown[], path: string): (readonly [string, string])[] {
  if (list.every((item) => typeof item !== 'object' || item === null)) {
    return [[path, list.map(plain).join(', ')]];
  }
  return flatten(Object.fromEntries(list.map((item, index) => [String(index + 1), item])), path);
}

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function plain(value: unknown): string {
  if (value === null || value === undefined) return NOT_MEASURED;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
