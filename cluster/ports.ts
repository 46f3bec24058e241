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
  /** On an app server's own loopback: always the first database's primary; the next one's 10 on. */
  routerPrimary: 5000,
  /** On an app server's own loopback: the first database's replicas; the next one's 10 on. */
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

/** From one database's ports of the router to the next one's. */
export const ROUTER_PORTS_STEP = 10;
