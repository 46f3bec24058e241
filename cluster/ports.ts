/** Every port of the cluster, so that no two parts can disagree on one. */
export const ports = {
  /** Users, TLS, on the edges. */
  users: 443,
  /** Figures of the first balancer process of an edge; the second has the next port. */
  balancerMetrics: 8404,
  /** The chat server: users behind the balancer, health, metrics. */
  chat: 9001,
  /** Health and metrics, where roles are apart. */
  ingest: 9002,
  history: 9003,
  /** On an app server's own loopback: always the primary. */
  routerPrimary: 5000,
  /** On an app server's own loopback: the replicas. */
  routerReplicas: 5001,
  routerMetrics: 8403,
  etcdClients: 2379,
  etcdPeers: 2380,
  natsClients: 4222,
  natsPeers: 6222,
  natsMonitor: 8222,
  postgres: 5432,
  patroni: 8008,
  guardMetrics: 8009,
} as const;
