/**
 * What the server counts, for Prometheus. Names stay stable: alerts,
 * dashboards and the harness read them.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export type Metrics = ReturnType<typeof createMetrics>;

/** Also the least that the percentiles of the event loop's lag can say. */
const LAG_LOOKS_MS = 50;

export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  // Process CPU, memory, descriptors and event-loop lag. To look for that a hundred times a second, as
  // is the default, was a quarter of what an idle server did.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_LOOKS_MS });
  return {
    registry,
    openSockets: new Gauge({
      name: 'chat_open_sockets',
      help: 'Sockets of logged-in users open now.',
      registers,
    }),
    logins: new Counter({
      name: 'chat_logins_total',
      help: 'Upgrade requests by outcome: ok, or why they were refused.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    joinsPending: new Gauge({
      name: 'chat_joins_pending',
      help: 'Joins whose socket is not level with its channel yet.',
      registers,
    }),
    received: new Counter({
      name: 'chat_messages_received_total',
      help: 'Messages users sent, retries included.',
      registers,
    }),
    acknowledged: new Counter({
      name: 'chat_messages_acknowledged_total',
      help: 'Messages acknowledged to their sender.',
      registers,
    }),
    deliveries: new Counter({
      name: 'chat_deliveries_total',
      help: 'Messages handed to sockets: one for each receiver.',
      registers,
    }),
    queueLength: new Gauge({
      name: 'chat_send_queue_length',
      help: 'Messages waiting for their commit.',
      registers,
    }),
    commitSeconds: new Histogram({
      name: 'chat_commit_seconds',
      help: 'From the taking of a message to its replicated commit, retries included.',
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 40],
      registers,
    }),
    sendsRefused: new Counter({
      name: 'chat_sends_refused_total',
      help: 'Messages not taken, or taken back, by reason; unconfirmed: still under way, its sender knows.',
      labelNames: ['reason'] as const,
      registers,
    }),
    circuitState: new Gauge({
      name: 'chat_circuit_state',
      help: 'Circuit breaker towards the primary: 0 closed, 1 half open, 2 open.',
      labelNames: ['lane'] as const,
      registers,
    }),
    circuitOpened: new Counter({
      name: 'chat_circuit_opened_total',
      help: 'How often the breaker opened: nothing was confirmed for too long.',
      labelNames: ['lane'] as const,
      registers,
    }),
    circuitOpenedAt: new Gauge({
      name: 'chat_circuit_opened_timestamp_seconds',
      help: 'When the breaker opened last, Unix time; absent: never.',
      labelNames: ['lane'] as const,
      registers,
    }),
    circuitClosedAt: new Gauge({
      name: 'chat_circuit_closed_timestamp_seconds',
      help: 'When the breaker closed again last, Unix time; absent: never.',
      labelNames: ['lane'] as const,
      registers,
    }),
    stored: new Counter({
      name: 'chat_messages_stored_total',
      help: 'Messages that this process itself brought to a replicated commit.',
      registers,
    }),
    requestsSent: new Counter({
      name: 'chat_role_requests_total',
      help: 'Requests to servers of another role, by how they ended: answered, nobody, late, lost.',
      labelNames: ['role', 'outcome'] as const,
      registers,
    }),
    requestsServed: new Counter({
      name: 'chat_role_served_total',
      help: 'Requests of gateways answered here, by answer: stored or page, refused, busy.',
      labelNames: ['role', 'answer'] as const,
      registers,
    }),
    batchSize: new Histogram({
      name: 'chat_batch_size',
      help: 'Messages in one batch: a committed statement, or at a gateway a request to an ingest.',
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000],
      registers,
    }),
    commitRetries: new Counter({
      name: 'chat_commit_retries_total',
      help: 'Statements whose outcome was not a confirmed commit, by reason; sent again.',
      labelNames: ['reason'] as const,
      registers,
    }),
    errors: new Counter({
      name: 'chat_errors_total',
      help: 'Error frames sent to users.',
      labelNames: ['code'] as const,
      registers,
    }),
    rateLimited: new Counter({
      name: 'chat_rate_limited_total',
      help: 'Requests and logins over the limit of their user or address.',
      labelNames: ['what'] as const,
      registers,
    }),
    socketsClosed: new Counter({
      name: 'chat_sockets_closed_total',
      help: 'Sockets closed: by the client, lost, or by the server, and why.',
      labelNames: ['reason'] as const,
      registers,
    }),
    tokenKeyReloads: new Counter({
      name: 'chat_token_key_reloads_total',
      help: 'How often the file with the keys of the tokens was read anew, by outcome.',
      labelNames: ['outcome'] as const,
      registers,
    }),
    historyRequests: new Counter({
      name: 'chat_history_requests_total',
      help: 'Pages of history served: the newest or an older one, from the cache or the database.',
      labelNames: ['page', 'source'] as const,
      registers,
    }),
    historyReads: new Counter({
      name: 'chat_history_database_reads_total',
      help: 'Queries for pages of history, by where they were asked.',
      labelNames: ['source'] as const,
      registers,
    }),
    readFallbacks: new Counter({
      name: 'chat_read_fallbacks_total',
      help: 'Reads a replica could not serve, asked of the primary.',
      registers,
    }),
    gapsFilled: new Counter({
      name: 'chat_gap_messages_total',
      help: 'Messages that NATS did not bring and the database did.',
      registers,
    }),
    peerBatches: new Counter({
      name: 'chat_peer_batches_total',
      help: 'Batches announced to and heard from the other servers, and not announced for want of a connection.',
      labelNames: ['direction'] as const,
      registers,
    }),
  };
}
