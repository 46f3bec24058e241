/**
 * The labels on every container, network and volume of ours. They alone say
 * what belongs to which cluster and who may remove it, so that nothing is lost
 * track of, however the harness ended.
 *
 * An owner is a process id with the time that process started: an id alone is
 * used again. Limit: the owner has to be on this machine and visible from here.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

export const LABEL_CLUSTER = 'holdfast';
const LABEL_SERVER = 'holdfast.server';
const LABEL_PROCESS = 'holdfast.process';
const LABEL_OWNER = 'holdfast.owner';
const LABEL_KEEP = 'holdfast.keep';

export interface Ownership {
  readonly cluster: string;
  readonly owner: string;
  readonly keep: boolean;
}

export type Labels = Readonly<Record<string, string>>;

export const labelsFor = (
  { cluster, owner, keep }: Ownership,
  part: { readonly server?: string; readonly process?: string } = {},
): Record<string, string> => ({
  [LABEL_CLUSTER]: cluster,
  [LABEL_OWNER]: owner,
  [LABEL_KEEP]: String(keep),
  ...(part.server === undefined ? {} : { [LABEL_SERVER]: part.server }),
  ...(part.process === undefined ? {} : { [LABEL_PROCESS]: part.process }),
});

export const ownershipOf = (labels: Labels): Ownership => ({
  cluster: labels[LABEL_CLUSTER] ?? '',
  owner: labels[LABEL_OWNER] ?? '',
  keep: labels[LABEL_KEEP] === 'true',
});

/** `app1/chat`, `load/shard-0`; undefined for what only holds a server's network. */
export const processOf = (labels: Labels): string | undefined => labels[LABEL_PROCESS];

/** When a process started, in ticks since the machine did; undefined when there is none. */
const startOf = (pid: number): string | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command's name stands in parentheses and may hold anything; field 22 counts from it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
};

export const ownerOf = (pid: number): string => `${pid}:${startOf(pid) ?? ''}`;

export const ownOwner = (): string => ownerOf(process.pid);

const ownerSchema = z.string().regex(/^\d+:\d*$/);

export const isOwnerAlive = (owner: string): boolean => {
  if (!ownerSchema.safeParse(owner).success) return false;
  const [pid = '', start = ''] = owner.split(':');
  return startOf(Number(pid)) === start;
};
