/**
 * When a cluster is ready, part by part, each awaited by looking at the thing
 * itself: the members' own roles, the chat servers' own answers, and what the
 * balancers count as healthy behind them.
 */
import { awaitCondition } from '../await.ts';
import { isOfService, type ServerId } from '../cluster.ts';
import { readMembers } from '../members.ts';
import { ports } from '../ports.ts';
import { serversOf, type Topology } from '../topology.ts';

const REQUEST_TIMEOUT_MS = 1_000;
const INTERVAL_MS = 200;
/** 8 s where it was measured, with images there; a loaded machine needs several times that. */
const DATABASE_TIMEOUT_MS = 120_000;
const CHAT_TIMEOUT_MS = 60_000;

const REMEDY =
  'Look at the containers’ logs: docker ps -a --filter label=holdfast, docker logs NAME.';

const addressOf = ({ servers }: Topology, server: ServerId): string =>
  servers.find(({ id }) => id === server)?.address ?? '';

const get = (url: string): Promise<Response> =>
  fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });

/** Each database's primary, once every other member streams from it and counts for the quorum. */
export const awaitDatabases = async (
  topology: Topology,
  signal: AbortSignal | undefined,
): Promise<readonly ServerId[]> => {
  const { databases } = topology;
  let found: readonly ServerId[] = [];
  await awaitCondition(
    async () => {
      const members = await readMembers(topology, REQUEST_TIMEOUT_MS);
      const following = members.filter(({ state, inQuorum }) => state === 'streaming' && inQuorum);
      found = Array.from({ length: databases }, (_, database) =>
        members.find((member) => member.database === database && member.role === 'primary'),
      ).flatMap((primary) => primary?.server ?? []);
      const seen = members.map(
        ({ server, role, state, inQuorum }) =>
          `${server} ${role} ${state}${inQuorum ? ' in the quorum' : ''}`,
      );
      const met = found.length === databases && following.length === members.length - databases;
      return { met, seen: seen.join(', ') };
    },
    {
      what: 'one primary with all replicas streaming and in its quorum',
      timeoutMs: DATABASE_TIMEOUT_MS,
      everyMs: INTERVAL_MS,
      remedy: REMEDY,
      signal,
    },
  );
  return found;
};

/** Every process of the chat service says that it is ready: for users, or for gateways. */
export const awaitChat = async (
  topology: Topology,
  signal: AbortSignal | undefined,
): Promise<void> => {
  await Promise.all(
    topology.processes.filter(isOfService).map(({ id, server, component }) => {
      const address = addressOf(topology, server);
      return awaitCondition(
        async () => {
          const { status } = await get(`http://${address}:${ports[component]}/readyz`);
          return { met: status === 200, seen: `/readyz answered ${status}` };
        },
        {
          what: `${id} to be ready`,
          timeoutMs: CHAT_TIMEOUT_MS,
          everyMs: INTERVAL_MS,
          remedy: REMEDY,
          signal,
        },
      );
    }),
  );
};

/** Every balancer process has every chat server in its pool. */
export const awaitBalancers = async (
  topology: Topology,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const wanted = serversOf(topology, 'app').length;
  const balancers = topology.processes.filter(({ component }) => component === 'balancer');
  await Promise.all(
    balancers.map(({ id, server }) => {
      const address = addressOf(topology, server);
      const port = ports.balancerMetrics + Number(id.slice(id.lastIndexOf('-') + 1)) - 1;
      return awaitCondition(
        async () => {
          const metrics = await (await get(`http://${address}:${port}/metrics`)).text();
          const line = /^haproxy_backend_active_servers\{proxy="chat"\} (\d+)/m.exec(metrics);
          const healthy = Number(line?.[1] ?? 0);
          return {
            met: healthy === wanted,
            seen: `${healthy} of ${wanted} chat servers in the pool`,
          };
        },
        {
          what: `${id} to have every chat server in its pool`,
          timeoutMs: CHAT_TIMEOUT_MS,
          everyMs: INTERVAL_MS,
          remedy: REMEDY,
          signal,
        },
      );
    }),
  );
};
