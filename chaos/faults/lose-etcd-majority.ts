/**
 * Two of three members of etcd die: nothing can be agreed on any more, no
 * lease renewed. A primary that cannot renew its lease has to step down, for
 * all it knows another was promoted; so writes must stop, and nothing that was
 * acknowledged may be lost. Healing starts both.
 */
import { type Look } from './evidence.ts';
import { defineFault } from './fault.ts';
import { killProcesses } from './kill-processes.ts';
import { findEtcdFollower, findEtcdLeader, namesOf, processesOf } from './target.ts';

const MEMBER_TIMEOUT_MS = 1_500;

export const loseEtcdMajority = defineFault({
  kind: 'lose-etcd-majority',
  imitates: 'most of the coordination service dies: nobody can be agreed on as the leader',
  aim: 'most etcd members',
  // Patroni tries to renew for 3 s (`retry_timeout`), then stops PostgreSQL's writes.
  expects: { kind: 'refuses-writes', fromMs: 12_000, withinMs: 20_000 },
  leansOn: ['coordination', 'database'],
  options: {},
  target: async (context) =>
    [await findEtcdLeader(context), await findEtcdFollower(context)].join(', '),
  async prepare(context, target) {
    const { cluster } = context;
    const noPrimary: Look = {
      what: 'no member of the database says that it is the primary',
      async look() {
        const members = await cluster.members(MEMBER_TIMEOUT_MS);
        const primary = members.find(({ role }) => role === 'primary');
        return { ok: primary === undefined, seen: primary?.server ?? 'none' };
      },
    };
    return killProcesses(
      context,
      namesOf(target).flatMap((server) => processesOf(cluster, server, 'etcd')),
      [noPrimary],
    );
  },
});
