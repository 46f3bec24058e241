/**
 * Memory bounds the users. Measured with 20,000 users: about 110 KB a socket in k6 and about 41 KB
 * a connection in the balancers (415 MB for 10,000), together about 150 KB a user. The cluster
 * itself (four PostgreSQL, etcd, NATS, chat servers) is allowed 3 GiB.
 */
import type { Check, Finding } from '../check.ts';
import { usableMemoryBytes } from '../limits.ts';

const GIB = 1024 ** 3;
const CLUSTER_BYTES = 3 * GIB;
const USER_BYTES = 150_000;
const MISSION_USERS = 20_000;

export const memory: Check = {
  id: 'memory',
  title: 'Memory',
  needed: 'always',
  probe: async () => judgeMemory(usableMemoryBytes()),
};

export function judgeMemory(bytes: number): Finding {
  const found = `${(bytes / GIB).toFixed(1)} GiB`;
  const users = Math.max(0, Math.floor((bytes - CLUSTER_BYTES) / USER_BYTES / 1000) * 1000);
  if (users === 0) {
    return {
      kind: 'limited',
      found,
      means: 'hardly enough for the cluster itself (3 GiB); try a few hundred users',
      mend: [],
    };
  }
  return {
    kind: users >= MISSION_USERS ? 'ok' : 'limited',
    found,
    means: `by memory alone about ${users} users`,
    mend: [],
  };
}
