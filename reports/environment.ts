/**
 * The environment record of a run (`environment.json`) as groups of named
 * values. Whoever writes that file decides what is in it, so nothing here
 * knows a key: an object at the top is a group, anything else is general.
 * Deeper objects become dotted names.
 */
import { formatBytes, NOT_MEASURED } from './figures.ts';

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

type Entry = readonly [name: string, value: string];

function flatten(value: object, prefix: string): Entry[] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]): Entry[] => {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (Array.isArray(inner)) return flattenList(inner, path);
    if (isRecord(inner)) return flatten(inner, path);
    return [[path, plain(name, inner)]];
  });
}

/** Plain values in one line; of records, one line each, by its `id` where it has one. */
function flattenList(list: readonly unknown[], path: string): Entry[] {
  if (!list.some(isRecord)) return [[path, list.map((item) => plain(path, item)).join(', ')]];
  return list.map((item, index): Entry => {
    if (!isRecord(item)) return [`${path}.${index + 1}`, plain(path, item)];
    const { id, ...rest }: Readonly<Record<string, unknown>> = { ...item };
    const name = typeof id === 'string' ? id : String(index + 1);
    const values = Object.entries(rest).map(([key, value]) => plain(key, value));
    return [`${path}.${name}`, values.join(', ')];
  });
}

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** By the house's naming, a number of bytes is called so. */
const BYTES = /bytes$/i;

function plain(name: string, value: unknown): string {
  if (value === null || value === undefined) return NOT_MEASURED;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number' && BYTES.test(name)) return formatBytes(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
