/** How many users one process can hold; see `limits.ts` for where the arithmetic comes from. */
import type { Check } from '../check.ts';
import {
  connectionsPerBalancer,
  openFileLimit,
  shardsFor,
  usersPerShard,
  type OpenFileLimit,
} from '../limits.ts';
import type { Finding } from '../check.ts';

/** The mission's number of users. */
const MISSION_USERS = 20_000;
/** Below this a run of the mission needs more than ten generators: a sign of a wrong limit. */
const LIMIT_LOW = 4_096;

export const openFiles: Check = {
  id: 'open-files',
  title: 'Open files',
  needed: 'always',
  probe: async (signal) => judgeOpenFiles(await openFileLimit(signal)),
};

export function judgeOpenFiles({ soft, hard, reachable }: OpenFileLimit): Finding {
  const raised = reachable > hard ? `can be raised to ${reachable}` : 'cannot be raised';
  const found = `soft ${soft}, hard ${hard}, ${raised}`;
  const perShard = usersPerShard(reachable);
  if (perShard === 0) {
    return {
      kind: 'missing',
      found,
      means: 'no process can hold users: the reserve of 1,000 takes all',
      mend: ['ulimit -n 65536'],
    };
  }
  const shards = shardsFor(MISSION_USERS, reachable);
  return {
    kind: reachable < LIMIT_LOW ? 'limited' : 'ok',
    found,
    means: `${perShard} users a k6 process (${shards} for ${MISSION_USERS}), ${connectionsPerBalancer(reachable)} connections a balancer process`,
    mend: reachable < LIMIT_LOW ? ['ulimit -n 65536'] : [],
  };
}
