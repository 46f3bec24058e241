/**
 * What the database says of itself: every member's own word through Patroni's
 * REST interface, and the holder of the leader key in etcd. The two can
 * disagree for a moment in a failover; that is why there are two.
 */
import { z } from 'zod';
import type { Member, MemberRole, Server, ServerId } from './cluster.ts';
import { etcdEndpoints } from './components/etcd.ts';
import { PATRONI_NAMESPACE, patroniScope } from './components/patroni.ts';
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

type Named = Pick<Server, 'id' | 'database'>;

export const parseMember = ({ id, database = 0 }: Named, status: unknown): Member => {
  const answer = statusSchema.parse(status);
  const { state, role, timeline, replication_state: replication, xlog } = answer;
  return {
    server: id,
    database,
    role: roleOf(role),
    state: replication ?? state,
    timeline: timeline ?? 0,
    walPosition: xlog?.location ?? xlog?.received_location ?? 0,
    replayPosition: xlog?.location ?? xlog?.replayed_location ?? 0,
    inQuorum: answer.quorum_standby || answer.sync_standby,
  };
};

const unreachable = ({ id, database = 0 }: Named): Member => ({
  server: id,
  database,
  role: 'unreachable',
  state: '',
  timeline: 0,
  walPosition: 0,
  replayPosition: 0,
  inQuorum: false,
});

export const readMembers = (topology: Topology, timeoutMs: number): Promise<readonly Member[]> =>
  Promise.all(
    serversOf(topology, 'db').map(async (server) => {
      try {
        const response = await fetch(`http://${server.address}:${ports.patroni}/patroni`, {
          signal: AbortSignal.timeout(timeoutMs),
        });
        return parseMember(server, await response.json());
      } catch {
        return unreachable(server);
      }
    }),
  );

/** Asks all etcd servers at once; the first that knows wins. '': nobody, or the guards' fence. */
export const readLeader = async (
  topology: Topology,
  timeoutMs: number,
  database: number,
): Promise<ServerId | ''> => {
  const key = `${PATRONI_NAMESPACE}${patroniScope(database)}/leader`;
  const answers = etcdEndpoints(topology).map(async (endpoint) => {
    const [found = []] = await createEtcdClient([endpoint], timeoutMs).readPrefixes([key]);
    const holder = found.find((entry) => entry.key === key)?.value ?? '';
    return fencedMember(holder) === undefined ? holder : '';
  });
  return Promise.any(answers);
};
