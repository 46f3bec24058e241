/**
 * Which installed packages a set of packages needs, read from the lock file:
 * the image of the chat server carries those and no others. The answer names
 * exact versions, so it also decides when that image has to be built again.
 *
 * Limits: lock file version 2 or 3; a package that is optional and was not
 * installed on this machine is left out.
 */
import { z } from 'zod';
import { HoldfastError } from '../errors.ts';

const dependenciesSchema = z.record(z.string(), z.string()).default({});
const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      integrity: z.string().optional(),
      dependencies: dependenciesSchema,
      optionalDependencies: dependenciesSchema,
      peerDependencies: dependenciesSchema,
    }),
  ),
});
type LockPackages = z.infer<typeof lockSchema>['packages'];

export interface LockedPackage {
  /** Where it is installed, below the project: `node_modules/pg`. */
  readonly path: string;
  readonly version: string;
  readonly integrity: string;
}

/** Node's own search: beside the package that asks, then in every folder above it. */
const resolvePackage = (packages: LockPackages, from: string, name: string): string | undefined => {
  for (let folder = from; ;) {
    const candidate = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
    if (packages[candidate] !== undefined) return candidate;
    if (folder === '') return undefined;
    const above = folder.lastIndexOf('node_modules/');
    folder = folder.slice(0, Math.max(0, above - 1));
  }
};

/** The packages named and all they need, sorted by path. */
export const lockClosure = (lock: unknown, roots: readonly string[]): readonly LockedPackage[] => {
  const { packages } = lockSchema.parse(lock);
  const found = new Map<string, LockedPackage>();
  const visit = (from: string, name: string, isOptional: boolean): void => {
    const path = resolvePackage(packages, from, name);
    const entry = path === undefined ? undefined : packages[path];
    if (path === undefined || entry === undefined) {
      if (isOptional) return;
      throw new HoldfastError({
        code: 'package-not-locked',
        message: `The package ${name}, needed by ${from || 'the chat server'}, is not in package-lock.json.`,
        remedy: 'npm install, and commit package-lock.json',
      });
    }
    if (found.has(path)) return;
    found.set(path, { path, version: entry.version ?? '', integrity: entry.integrity ?? '' });
    for (const needed of Object.keys(entry.dependencies)) {
      visit(path, needed, needed in entry.optionalDependencies);
    }
    for (const wished of Object.keys(entry.optionalDependencies)) visit(path, wished, true);
    for (const peer of Object.keys(entry.peerDependencies)) visit(path, peer, true);
  };
  for (const root of roots) visit('', root, false);
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
};
