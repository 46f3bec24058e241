/**
 * The failover guard, one on each database server: it gives a dead primary's
 * lease up early, when a majority of the other members cannot reach it. What
 * it does and why it is safe stands in `cluster/guard/main.ts`.
 */
import { ports } from '../ports.ts';
import { fellowMembers } from '../topology.ts';
import { etcdEndpoints } from './etcd.ts';
import { PATRONI_NAMESPACE, patroniScope } from './patroni.ts';
import type { ProcessContext, ProcessSpec } from './process-spec.ts';

export const guard = ({ topology, server }: ProcessContext): ProcessSpec => ({
  image: 'node',
  command: ['node', '--max-old-space-size=64', 'cluster/guard/main.ts'],
  environment: {
    GUARD_SELF: server.id,
    GUARD_MEMBERS: fellowMembers(topology.servers, server)
      .map(({ id, address }) => `${id}=${address}`)
      .join(','),
    GUARD_ETCD: etcdEndpoints(topology).join(','),
    GUARD_SCOPE: `${PATRONI_NAMESPACE}${patroniScope(server.database ?? 0)}`,
    GUARD_PATRONI_PORT: String(ports.patroni),
    GUARD_POSTGRES_PORT: String(ports.postgres),
    GUARD_METRICS_PORT: String(ports.guardMetrics),
  },
  files: {},
  hasData: false,
});
