/**
 * The chat server, put together from its parts and running: from the reading
 * of its configuration to its orderly leave.
 *
 * It holds nothing that is not in the database, apart from caches, so it may
 * be killed at any moment. SIGTERM makes it leave in good order, SIGHUP read
 * the keys of the tokens again.
 *
 * A server may do a part of that only (`roles.ts`). What it does not do itself
 * it asks of others; without a gateway it has no users, and serves gateways. It
 * has all parts in any case: one that nobody calls does nothing.
 *
 * The parts are arguments, so that a server made of other ones is another
 * program beside `main.ts` and not a switch inside this one.
 */
import { setTimeout as wait } from 'node:timers/promises';
import pino from 'pino';
import { openAppendConnection } from './append.ts';
import type { Serving } from './bus.ts';
import type { Config } from './config.ts';
import { readFromAll, writeToAll } from './databases.ts';
import { drainServer } from './drain.ts';
import { createFeeds } from './feeds.ts';
import { createGathering } from './gathering.ts';
import { createHistory, historyFrom } from './history.ts';
import { serveIngest } from './ingest.ts';
import { createLogin } from './login.ts';
import { createMetrics } from './metrics.ts';
import { createPages } from './pages.ts';
import { connectPeers } from './peers.ts';
import { createProbes } from './probes.ts';
import { createReads } from './reads.ts';
import { openRemoteAppend } from './remote-append.ts';
import { createRemotePages } from './remote-pages.ts';
import { createRequestLimits } from './request-limits.ts';
import { serveHistory } from './serve-history.ts';
import { createSessions } from './session.ts';
import { createSockets } from './sockets.ts';
import { createStatusPages, type ServerState } from './status-pages.ts';
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
  const isGateway = config.ROLES.includes('gateway');
  const isIngest = config.ROLES.includes('ingest');
  const isHistory = config.ROLES.includes('history');
  let state: ServerState = 'starting';

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
    onMessages: isGateway || isHistory ? feeds.offer : undefined,
    onReconnected: () => {
      feeds
        .catchUp()
        .catch((error: unknown) => log.warn({ error: String(error) }, 'catch-up failed'));
    },
    metrics,
    log,
  });

  const { bus } = peers;
  const databases = config.WRITE_URLS.length;

  const gathering = createGathering({
    easeMs: config.GATHER_MS,
    limitMs: config.GATHER_MS_AT_LIMIT,
  });
  const writer = writeToAll(
    config.WRITE_URLS.map((url, database) =>
      parts.createWriter({
        laneName: database === 0 ? 'lane' : `database-${database}-lane`,
        lanes: isIngest ? config.LANES : config.INGEST_LANES,
        batchMessagesMax: config.BATCH_MESSAGES_MAX,
        // What is passed on is gathered where it is stored.
        gatherMs: () => (isIngest ? gathering.ms : 0),
        queueMessagesMax: config.QUEUE_MESSAGES_MAX,
        // The gateways have one: see `ingest.ts`.
        deadlineMs: isGateway ? config.SEND_DEADLINE_MS : Infinity,
        openAfterMs: config.CIRCUIT_OPEN_AFTER_MS,
        probeEveryMs: config.CIRCUIT_PROBE_EVERY_MS,
        retryAfterMs: config.RETRY_AFTER_MS,
        openConnection: async (lane) =>
          isIngest
            ? parts.openAppendConnection({
                url,
                connectTimeoutMs: config.CONNECT_TIMEOUT_MS,
                timeoutMs: config.STATEMENT_TIMEOUT_MS,
                applicationName: `${applicationName} ${lane}`,
              })
            : openRemoteAppend({ bus, database, timeoutMs: config.INGEST_TIMEOUT_MS, metrics }),
        onCommitted(messages) {
          if (isIngest) {
            metrics.stored.inc(messages.length);
            peers.announce(messages);
          }
          feeds.offer(messages);
        },
        metrics,
        log,
      }),
    ),
  );

  const kept = { reads, cachedMessagesMax: config.HISTORY_CACHE_MESSAGES_MAX, metrics };
  const history = isHistory
    ? parts.createHistory({ feeds, ...kept })
    : historyFrom(
        feeds,
        createRemotePages({ bus, databases, timeoutMs: config.HISTORY_TIMEOUT_MS, metrics }),
      );
  const tokenKeys = watchTokenKeys({
    secret: config.TOKEN_SECRET,
    file: config.TOKEN_KEYS_FILE,
    metrics,
    log,
  });
  const limits = limitsOf(config);

  // Gateways only find a server that is on the bus.
  const isFindable = () => isGateway || bus.isConnected;
  const status = createStatusPages(
    () => (state === 'ready' && !isFindable() ? 'starting' : state),
    metrics,
  );

  const sockets = (isGateway ? parts.createSockets : createProbes)({
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
    pages: status,
  });

  const served: Serving[] = [];
  const pages = createPages(kept);
  for (let database = 0; database < databases && !isGateway; database++) {
    if (isIngest) served.push(serveIngest({ bus, database, writer, metrics }));
    if (isHistory) served.push(serveHistory({ bus, database, feeds, pages, metrics }));
  }

  async function leave(signal: NodeJS.Signals): Promise<void> {
    if (state === 'leaving') return;
    state = 'leaving';
    log.info({ signal }, 'asked to leave');
    // Whatever hangs, the process ends in time.
    setTimeout(() => {
      log.error('did not leave in time');
      process.exit(0);
    }, config.DRAIN_TIMEOUT_MS).unref();
    await Promise.race([
      Promise.all(served.map((serving) => serving.stop())),
      wait(config.DRAIN_TIMEOUT_MS / 2),
    ]);
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
