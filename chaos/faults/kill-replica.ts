/**
 * The database on one replica dies (Patroni and PostgreSQL at once) and stays
 * away. Threatens commits that were waiting for just this replica; the quorum
 * takes any other. Healing starts it; it catches up from the primary's WAL.
 */
import { defineFault } from './fault.ts';
import { killProcesses } from './kill-processes.ts';
import { findReplica, processesOf } from './target.ts';

export const killReplica = defineFault({
  kind: 'kill-replica',
  imitates: 'the database on one replica dies, with two others left',
  aim: 'a replica',
  expects: { kind: 'keeps-going', gapMsMax: 2_000 },
  leansOn: ['database'],
  options: {},
  target: findReplica,
  prepare: async (context, target) =>
    killProcesses(context, processesOf(context.cluster, target, 'patroni')),
});
