/** Finds the server a fault is aimed at, by role, at the moment of injection. */
import { HoldfastError } from '../../cluster/errors.ts';
import type { Cluster, Component, ServerId, ServerRole } from '../../cluster/cluster.ts';
import { pollUntil } from '../../cluster/await.ts';
import { describeMembers } from '../redundancy.ts';
import { etcdLeader } from './etcd-leader.ts';
import type { FaultContext } from './fault.ts';

const ASK_TIMEOUT_MS = 1_500;

export const noTarget = (message: string): HoldfastError =>
  new HoldfastError({
    code: 'no-target',
    message,
    remedy: 'a fault needs the steady state before it; see holdfast cluster status',
  });

/** A member that was slow to answer once is no member that is gone. */
const PATIENCE_MS = 5_000;
const ASK_EVERY_MS = 250;

/** The member that says it is the primary and holds the leader key. */
export async function findPrimary({ cluster, signal }: FaultContext): Promise<ServerId> {
  let found: ServerId | undefined;
  const { seen } = await pollUntil(
    async () => {
      const members = await cluster.members(ASK_TIMEOUT_MS);
      const leader = await cluster.leader(ASK_TIMEOUT_MS);
      found = members.find(({ server, role }) => role === 'primary' && server === leader)?.server;
      const seen = `leader key held by ${leader || 'nobody'}; ${describeMembers(members)}`;
      return { met: found !== undefined, seen };
    },
    { timeoutMs: PATIENCE_MS, everyMs: ASK_EVERY_MS, signal },
  );
  if (found !== undefined) return found;
  throw noTarget(`no primary to break, looked for ${PATIENCE_MS / 1_000} s; last seen: ${seen}`);
}

/** All members that follow, in the quorum. */
export async function findReplicas({ cluster }: FaultContext): Promise<readonly ServerId[]> {
  const members = await cluster.members(ASK_TIMEOUT_MS);
  const replicas = members.filter(({ role, inQuorum }) => role === 'replica' && inQuorum);
  if (replicas.length > 0) return replicas.map(({ server }) => server);
  throw noTarget(`no replica to break: ${describeMembers(members)}`);
}

export async function findReplica(context: FaultContext): Promise<ServerId> {
  const [first = ''] = await findReplicas(context);
  return first;
}

/** A server of the role; the last, because the first is what everything else takes first. */
async function findServer({ cluster }: FaultContext, role: ServerRole): Promise<ServerId> {
  const server = cluster.servers.findLast((candidate) => candidate.role === role);
  if (server === undefined) throw noTarget(`this cluster has no server of the role ${role}`);
  return server.id;
}

export const findApp = (context: FaultContext): Promise<ServerId> => findServer(context, 'app');
export const findEdge = (context: FaultContext): Promise<ServerId> => findServer(context, 'edge');

export async function findEtcdLeader(context: FaultContext): Promise<ServerId> {
  const leader = await etcdLeader(context.cluster, ASK_TIMEOUT_MS);
  if (leader !== undefined) return leader;
  throw noTarget('no member of etcd says that it leads');
}

export async function findEtcdFollower(context: FaultContext): Promise<ServerId> {
  const leader = await findEtcdLeader(context);
  const follower = context.cluster.servers.findLast(
    ({ id, role }) => role === 'app' && id !== leader,
  );
  if (follower === undefined) throw noTarget(`etcd has no member beside its leader ${leader}`);
  return follower.id;
}

/** All servers of the apps, as a target. */
export const findApps = ({ cluster }: FaultContext): Promise<string> =>
  Promise.resolve(
    cluster.servers
      .filter(({ role }) => role === 'app')
      .map(({ id }) => id)
      .join(', '),
  );

/** A target of several servers is written `db2, db3`. */
export const namesOf = (target: string): readonly ServerId[] => target.split(', ');

/** Processes of a server: all, or those of one component. */
export const processesOf = (
  cluster: Cluster,
  server: ServerId,
  component?: Component,
): readonly string[] =>
  cluster.processes
    .filter(
      (process) =>
        process.server === server && (component === undefined || process.component === component),
    )
    .map(({ id }) => id);
