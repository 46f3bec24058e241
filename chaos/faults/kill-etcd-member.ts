/**
 * One of the three members of etcd dies, not its leader. Two of three are a
 * majority: nobody should notice. Healing starts it; it catches up by itself.
 */
import { defineFault } from './fault.ts';
import { killProcesses } from './kill-processes.ts';
import { findEtcdFollower, processesOf } from './target.ts';

export const killEtcdMember = defineFault({
  kind: 'kill-etcd-member',
  imitates: 'one member of the coordination service dies',
  aim: 'an etcd follower',
  expects: { kind: 'keeps-going', gapMsMax: 2_000 },
  leansOn: ['coordination'],
  options: {},
  target: findEtcdFollower,
  prepare: async (context, target) =>
    killProcesses(context, processesOf(context.cluster, target, 'etcd')),
});
