/**
 * Finds the programs inside a container that faults send signals to. A
 * container is a process of the cluster; what runs in it are several programs.
 */
import type { Cluster, ServerId } from '../../cluster/cluster.ts';
import { PATRONI_SUPERVISOR } from '../../cluster/components/patroni-scripts.ts';
import { HoldfastError } from '../../cluster/errors.ts';

async function find(cluster: Cluster, process: string, what: string, by: readonly string[]) {
  const found = await cluster.execInProcess(process, ['pgrep', ...by]);
  const pid = found.stdout.trim();
  if (/^\d+$/.test(pid)) return pid;
  throw new HoldfastError({
    code: 'no-target',
    message: `found no ${what} in ${process} (pgrep exited ${found.exitCode}: ${pid} ${found.stderr.trim()})`,
    remedy: 'see holdfast cluster status',
  });
}

/** The oldest process named `postgres` is the postmaster; all others are its children. */
export const findPostmaster = (cluster: Cluster, server: ServerId): Promise<string> =>
  find(cluster, `${server}/patroni`, 'running PostgreSQL', ['-o', '-x', 'postgres']);

export const findPatroni = (cluster: Cluster, server: ServerId): Promise<string> =>
  find(cluster, `${server}/patroni`, 'running Patroni', ['-o', '-x', 'patroni']);

/** The shell that starts Patroni again; while it is stopped a dead Patroni stays dead. */
export const findSupervisor = (cluster: Cluster, server: ServerId): Promise<string> =>
  find(cluster, `${server}/patroni`, 'supervisor of Patroni', [
    '-o',
    '-f',
    `^sh .*${PATRONI_SUPERVISOR}`,
  ]);

/** A command that undoes something in a container; in one that died there is nothing to undo. */
export async function undoInside(
  cluster: Cluster,
  process: string,
  command: readonly string[],
): Promise<void> {
  if (await cluster.isRunning(process)) await cluster.execInProcess(process, command);
}
