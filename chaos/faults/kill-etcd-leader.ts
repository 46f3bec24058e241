/**
 * The leader of etcd dies. The other two elect another within a second or two,
 * and meanwhile no lease can be renewed. Threatens a healthy primary, which
 * steps down when its patience is shorter than that election. Healing starts
 * the member; it follows the new leader.
 */
import { type Look } from './evidence.ts';
import { etcdLeader } from './etcd-leader.ts';
import { defineFault } from './fault.ts';
import { killProcesses } from './kill-processes.ts';
import { findEtcdLeader, processesOf } from './target.ts';

const ASK_TIMEOUT_MS = 1_000;

export const killEtcdLeader = defineFault({
  kind: 'kill-etcd-leader',
  imitates: 'the coordination service loses its leader and has to elect another',
  aim: 'the etcd leader',
  expects: { kind: 'keeps-going', gapMsMax: 2_000 },
  leansOn: ['coordination', 'database'],
  options: {},
  target: findEtcdLeader,
  async prepare(context, target) {
    const { cluster } = context;
    const elected: Look = {
      what: `another member of etcd than ${target} leads`,
      async look() {
        const leader = await etcdLeader(cluster, ASK_TIMEOUT_MS);
        return { ok: leader !== undefined && leader !== target, seen: leader ?? 'nobody' };
      },
    };
    return killProcesses(context, processesOf(cluster, target, 'etcd'), [elected]);
  },
});
