/**
 * What the database says of itself: every member's own word through Patroni's
 * REST interface, and the holder of the leader key in etcd. The two can
 * disagree for a moment in a failover; that is why there are two.
 */
import { z } from 'zod';
import type { Member, MemberRole, ServerId } from './cluster.ts';
import { etcdEndpoints } from './components/etcd.ts';
import { LEADER_KEY } from './components/patroni.ts';
import { fencedMember } from './guard/decide.ts';
import { createEtcdClient } from './guard/etcd-client.ts';
import { ports } from './ports.ts';
import { serversOf, type Topology } from './topology.ts';

const statusSchema = z.object({
  state: z.string().default(''),
  role: z.string().default(''),
  timeline: z.number().optional(),
  /** `streaming` on a replica that follows. */
  replication_state: z.string().optional(),
  quorum_standby: z.boolean().default(false),
  sync_standby: z.boolean().default(false),
  xlog: z
    .object({
      location: z.number().optional(),
      received_location: z.number().optional(),
      replayed_location: z.number().optional(),
    })
    .optional(),
});

const roleOf = (role: string): MemberRole =>
  role === 'primary' || role === 'replica' ? role : 'other';

export const parseMember = (server: ServerId, status: unknown): Member => {
  const answer = statusSchema.parse(status);
  const { state, role, timeline, replication_state: replication, xlog } = answer;
  return {
    server,
    role: roleOf(role),
    state: replication ?? state,
    timeline: timeline ?? 0,
    walPosition: xlog?.location ?? xlog?.received_location ?? 0,
    replayPosition: xlog?.location ?? xlog?.replayed_location ?? 0,
    inQuorum: answer.quorum_standby || answer.sync_standby,
  };
};

const unreachable = (server: ServerId): Member => ({
  server,
  role: 'unreachable',
  state: '',
  timeline: 0,
  walPosition: 0,
  replayPosition: 0,
  inQuorum: false,
});

export const readMembers = (topology: Topology, timeoutMs: number): Promise<readonly Member[]> =>
  Promise.all(
    serversOf(topology, 'db').map(async ({ id, address }) => {
      try {
        const response = await fetch(`http://${address}:${ports.patroni}/patroni`, {
          signal: AbortSignal.timeout(timeoutMs),
        });
        return parseMember(id, await response.json());
      } catch {
        return unreachable(id);
      }
    }),
  );

/** Asks all etcd servers at once; the first that knows wins. '': nobody, or the guards' fence. */
export const readLeader = async (topology: Topology, timeoutMs: number): Promise<ServerId | ''> => {
  const answers = etcdEndpoints(topology).map(async (endpoint) => {
    const [found = []] = await createEtcdClient([endpoint], timeoutMs).readPrefixes([LEADER_KEY]);
    const holder = found.find((entry) => entry.key === LEADER_KEY)?.value ?? '';
    return fencedMember(holder) === undefined ? holder : '';
  });
  return Promise.any(answers);
};
