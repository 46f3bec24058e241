/**
 * The chat server, put together from its parts and running: from the reading
 * of its configuration to its orderly leave.
 *
 * It holds nothing that is not in the database, apart from caches, so it may
 * be killed at any moment. SIGTERM makes it leave in good order, SIGHUP read
 * the keys of the tokens again.
 *
 * `/healthz`: the process answers. `/readyz`: send users here; 503 while
 * starting, 404 while leaving (balancers such as HAProxy then send no new users
 * and keep the old ones, who are told to go one after the other). On purpose
 * not when the database is away: then every server would leave the balancers'
 * pool at the same moment, and all users with it, when they only have to wait
 * for the next primary.
 *
 * The parts are arguments, so that a server made of other ones is another
 * program beside `main.ts` and not a switch inside this one.
 */
import pino from 'pino';
import { openAppendConnection } from './append.ts';
import type { Config } from './config.ts';
import { readFromAll, writeToAll } from './databases.ts';
import { drainServer } from './drain.ts';
import { createFeeds } from './feeds.ts';
import { createGathering } from './gathering.ts';
import { createHistory } from './history.ts';
import { createLogin } from './login.ts';
import { createMetrics } from './metrics.ts';
import { connectPeers } from './peers.ts';
import { createReads } from './reads.ts';
import { createRequestLimits } from './request-limits.ts';
import { createSessions } from './session.ts';
import { createSockets, type HttpAnswer } from './sockets.ts';
import { verifyBearer } from './token.ts';
import { watchTokenKeys } from './token-keys.ts';
import { createWriter } from './writer.ts';

export const PARTS = {
  openAppendConnection,
  createReads,
  createFeeds,
  createHistory,
  connectPeers,
  createWriter,
  verifyBearer,
  createSessions,
  createSockets,
  drainServer,
};

/** A part may be replaced by any other that keeps its promise, or its type. */
export type ServerParts = Readonly<typeof PARTS>;

const READINESS = {
  starting: '503 Service Unavailable',
  ready: '200 OK',
  leaving: '404 Not Found',
} as const;

const plain = (status: string, body: string): HttpAnswer => ({ status, type: 'text/plain', body });

const limitsOf = (config: Config) =>
  createRequestLimits({
    userRequests: { rateHz: config.USER_REQUESTS_HZ, burst: config.USER_REQUESTS_BURST },
    addressRequests: { rateHz: config.ADDRESS_REQUESTS_HZ, burst: config.ADDRESS_REQUESTS_BURST },
    addressLogins: { rateHz: config.ADDRESS_LOGINS_HZ, burst: config.ADDRESS_LOGINS_BURST },
  });

/** Resolves once the server takes users; it then runs until it is told to leave. */
export async function runServer(config: Config, parts: ServerParts): Promise<void> {
  const log = pino({ level: config.LOG_LEVEL, base: { server: config.SERVER_ID } });
  const metrics = createMetrics();
  const applicationName = `chat ${config.SERVER_ID}`;
  let state: 'starting' | 'ready' | 'leaving' = 'starting';

  const reads = readFromAll(
    config.WRITE_URLS.map((primaryUrl, database) =>
      parts.createReads({
        replicaUrl: config.READ_URLS[database] ?? primaryUrl,
        primaryUrl,
        connections: config.READ_CONNECTIONS,
        timeoutMs: config.READ_TIMEOUT_MS,
        applicationName,
        metrics,
        log,
      }),
    ),
  );

  const feeds = parts.createFeeds({
    reads,
    publish: (channel, frame) => sockets.publish(channel, frame),
    gapPatienceMs: config.GAP_PATIENCE_MS,
    catchUpIntervalMs: config.CATCH_UP_INTERVAL_MS,
    recentMessagesMax: config.RECENT_MESSAGES_MAX,
    metrics,
    log,
  });

  const peers = parts.connectPeers({
    servers: config.NATS_URLS,
    serverId: config.SERVER_ID,
    onMessages: feeds.offer,
    onReconnected: () => {
      feeds
        .catchUp()
        .catch((error: unknown) => log.warn({ error: String(error) }, 'catch-up failed'));
    },
    metrics,
    log,
  });

  const gathering = createGathering({
    easeMs: config.GATHER_MS,
    limitMs: config.GATHER_MS_AT_LIMIT,
  });
  const writer = writeToAll(
    config.WRITE_URLS.map((url, database) =>
      parts.createWriter({
        laneName: database === 0 ? 'lane' : `database-${database}-lane`,
        lanes: config.LANES,
        batchMessagesMax: config.BATCH_MESSAGES_MAX,
        gatherMs: () => gathering.ms,
        queueMessagesMax: config.QUEUE_MESSAGES_MAX,
        deadlineMs: config.SEND_DEADLINE_MS,
        openAfterMs: config.CIRCUIT_OPEN_AFTER_MS,
        probeEveryMs: config.CIRCUIT_PROBE_EVERY_MS,
        retryAfterMs: config.RETRY_AFTER_MS,
        openConnection: (lane) =>
          parts.openAppendConnection({
            url,
            connectTimeoutMs: config.CONNECT_TIMEOUT_MS,
            timeoutMs: config.STATEMENT_TIMEOUT_MS,
            applicationName: `${applicationName} ${lane}`,
          }),
        onCommitted(messages) {
          peers.announce(messages);
          feeds.offer(messages);
        },
        metrics,
        log,
      }),
    ),
  );

  const history = parts.createHistory({
    feeds,
    reads,
    cachedMessagesMax: config.HISTORY_CACHE_MESSAGES_MAX,
    metrics,
  });
  const tokenKeys = watchTokenKeys({
    secret: config.TOKEN_SECRET,
    file: config.TOKEN_KEYS_FILE,
    metrics,
    log,
  });
  const limits = limitsOf(config);

  const sockets = parts.createSockets({
    backpressureBytesMax: config.BACKPRESSURE_BYTES_MAX,
    idleTimeoutSec: config.IDLE_TIMEOUT_SEC,
    slowReaderPatienceMs: config.SLOW_READER_PATIENCE_MS,
    isProxied: config.PROXY_PROTOCOL,
    login: createLogin({
      state: () => state,
      verify: (authorization) => parts.verifyBearer(tokenKeys.current, authorization, Date.now()),
      limits,
      metrics,
      log,
    }),
    opened: parts.createSessions({
      feeds,
      reads,
      writer,
      history,
      limits,
      retryAfterMs: config.RETRY_AFTER_MS,
      metrics,
      log,
    }),
    closed({ user, address }, reason) {
      metrics.socketsClosed.inc({ reason });
      if (reason === 'backpressure' || reason === 'slow-reader') {
        log.warn({ user, address, reason }, 'a slow reader was closed');
      }
    },
    pages: {
      '/healthz': () => plain('200 OK', 'alive\n'),
      '/readyz': () => plain(READINESS[state], `${state}\n`),
      '/metrics': async () => ({
        status: '200 OK',
        type: metrics.registry.contentType,
        body: await metrics.registry.metrics(),
      }),
    },
  });

  async function leave(signal: NodeJS.Signals): Promise<void> {
    if (state === 'leaving') return;
    state = 'leaving';
    log.info({ signal }, 'asked to leave');
    // Whatever hangs, the process ends in time.
    setTimeout(() => {
      log.error('did not leave in time');
      process.exit(0);
    }, config.DRAIN_TIMEOUT_MS).unref();
    await parts.drainServer({ writer, sockets, timeoutMs: config.DRAIN_TIMEOUT_MS, log });
    gathering[Symbol.dispose]();
    feeds[Symbol.dispose]();
    writer[Symbol.dispose]();
    tokenKeys[Symbol.dispose]();
    sockets.close();
    await peers[Symbol.asyncDispose]();
    process.exit(0);
  }

  process.on('SIGTERM', (signal) => void leave(signal));
  process.on('SIGINT', (signal) => void leave(signal));
  process.on('SIGHUP', () => tokenKeys.reload());

  const port = await sockets.listen(config.PORT);
  state = 'ready';
  log.info({ port }, 'ready');
}
