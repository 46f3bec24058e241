/**
 * A cluster as if it had one database only, for what breaks things: a fault
 * that takes “the primary” means the one of this database, and finds its
 * fellow members and nobody else's. The edges, the app servers and everything
 * that is not asked by database are the whole cluster's.
 */
import type { Cluster } from '../cluster/cluster.ts';

export const oneDatabase = (cluster: Cluster, database: number): Cluster =>
  cluster.databases === 1
    ? cluster
    : {
        ...cluster,
        databases: 1,
        servers: cluster.servers.filter(
          (server) => server.role !== 'db' || server.database === database,
        ),
        members: async (timeoutMs) =>
          (await cluster.members(timeoutMs)).filter((member) => member.database === database),
        leader: (timeoutMs) => cluster.leader(timeoutMs, database),
      };
