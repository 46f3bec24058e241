/** What a guard counts, for Prometheus. Names stay stable: alerts and dashboards read them. */
import { createServer } from 'node:http';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    decisions: new Counter({
      name: 'guard_decisions_total',
      help: 'Decisions by kind; those to wait by their reason.',
      labelNames: ['decision', 'why'] as const,
      registers,
    }),
    changes: new Counter({
      name: 'guard_changes_total',
      help: 'Attempts to change the leader key by kind (fence, release); done=no: it had changed.',
      labelNames: ['change', 'done'] as const,
      registers,
    }),
    roundSeconds: new Histogram({
      name: 'guard_round_seconds',
      help: 'From the first question of a round to its last decision.',
      buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    etcdFailures: new Counter({
      name: 'guard_etcd_failures_total',
      help: 'Rounds that ended because no etcd endpoint answered.',
      registers,
    }),
    idleRounds: new Gauge({
      name: 'guard_idle_rounds',
      help: 'Rounds in a row in which this guard saw no leader at work.',
      registers,
    }),
    votes: new Gauge({
      name: 'guard_votes',
      help: 'Guards that say, in etcd, that the leader does not work.',
      registers,
    }),
    standingBy: new Gauge({
      name: 'guard_standing_by',
      help: '1 while switched off, or while Patroni is paused.',
      registers,
    }),
  };
}

/** Serves `/metrics`; anything else is not found. */
export function serveMetrics({ registry }: Metrics, port: number): Disposable {
  const server = createServer((request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => response.setHeader('content-type', registry.contentType).end(text),
      () => response.writeHead(500).end(),
    );
  });
  server.listen(port);
  return { [Symbol.dispose]: () => void server.close() };
}
