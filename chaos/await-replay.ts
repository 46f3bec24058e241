/** Waits until the replicas have what the primary has; asks Patroni's members, opens no connection. */
import type { Cluster, Member } from '../cluster/cluster.ts';
import { pollUntil } from '../cluster/await.ts';
import { databasesIn } from './redundancy.ts';

/** Replicas replay within milliseconds when nothing is written; a paused or rebuilding one takes longer. */
export const CATCH_UP_MS = 60_000;

/** Members of one database that lack something of it; all of them where nobody knows the primary. */
function behindIn(members: readonly Member[]): readonly Member[] {
  const primary = members.find(({ role }) => role === 'primary');
  return members.filter(
    (member) => primary === undefined || member.replayPosition < primary.walPosition,
  );
}

/** Waits until every reachable replica has all that its primary has written, and says what was last seen. */
export async function awaitReplay(cluster: Cluster, signal: AbortSignal): Promise<string> {
  const last = await pollUntil(
    async () => {
      const members = await cluster.members(2_000);
      const behind = databasesIn(members).flatMap(([, own]) => behindIn(own));
      return {
        met: members.length > 0 && behind.length === 0,
        seen:
          behind.length === 0
            ? 'all members level'
            : `behind: ${behind.map(({ server }) => server).join(', ')}`,
      };
    },
    { timeoutMs: CATCH_UP_MS, everyMs: 500, signal },
  );
  return last.seen;
}
