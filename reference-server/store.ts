/**
 * Where a server's messages are stored in one database: by itself, together
 * with what others ask of it; by the lead; or, where it stores nothing itself,
 * by any of the ingests.
 *
 *   lanes of the gateway ─┬─ no ingest here ─────── an ingest, over NATS
 *                         ├─ not the lead ───────── the lead, over NATS
 *                         └─ the lead, or none ─┐
 *   requests of other gateways ─────────────────┴── group commit ── primary
 */
import type { AppendConnection, openAppendConnection } from './append.ts';
import type { Bus, Serving } from './bus.ts';
import type { Config } from './config.ts';
import { createGroupCommit, type GroupCommit } from './group-commit.ts';
import { serveIngest } from './ingest.ts';
import { appendThroughLead } from './lead-append.ts';
import { seekLead } from './lead.ts';
import type { Logger } from 'pino';
import type { Message } from './message.ts';
import type { Metrics } from './metrics.ts';
import { openRemoteAppend } from './remote-append.ts';

export interface StoreOptions {
  readonly url: string;
  readonly database: number;
  readonly config: Config;
  readonly isGateway: boolean;
  readonly isIngest: boolean;
  readonly bus: Bus;
  readonly gatherMs: () => number;
  readonly open: typeof openAppendConnection;
  /** Messages that a commit of this very server made durable. */
  readonly onCommitted: (messages: readonly Message[]) => void;
  readonly applicationName: string;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export interface Store extends Serving, Disposable {
  /** What the lanes of this server's gateway use, all of them. */
  readonly connection: AppendConnection;
}

function openGroupCommit(options: StoreOptions): GroupCommit {
  const { config, url, applicationName } = options;
  return createGroupCommit({
    messagesMax: config.BATCH_MESSAGES_MAX,
    gatherMs: options.gatherMs,
    open: () =>
      options.open({
        url,
        connectTimeoutMs: config.CONNECT_TIMEOUT_MS,
        timeoutMs: config.STATEMENT_TIMEOUT_MS,
        applicationName: `${applicationName} commits`,
      }),
    onCommitted: options.onCommitted,
  });
}

/** Passes everything on. */
function passingStore({ bus, database, config, metrics }: StoreOptions): Store {
  const timeoutMs = config.INGEST_TIMEOUT_MS;
  return {
    connection: openRemoteAppend({ bus, kind: 'ingest', database, timeoutMs, metrics }),
    stop: () => Promise.resolve(),
    [Symbol.dispose]: () => undefined,
  };
}

/** Stores for gateways elsewhere. */
function servingStore(options: StoreOptions): Store {
  const { bus, database, metrics } = options;
  const groupCommit = openGroupCommit(options);
  const served = serveIngest({ bus, kind: 'ingest', database, groupCommit, metrics });
  return {
    connection: { ...groupCommit, isSpent: false },
    stop: () => served.stop(),
    [Symbol.dispose]: () => groupCommit[Symbol.dispose](),
  };
}

/** Stores for the gateway of its own process, and, as the lead, for all others like it. */
function sharedStore(options: StoreOptions): Store {
  const { bus, database, config, metrics } = options;
  const groupCommit = openGroupCommit(options);
  let served: Serving | undefined;
  const lead = seekLead({
    url: options.url,
    database,
    timeoutMs: config.CONNECT_TIMEOUT_MS,
    applicationName: `${options.applicationName} lead`,
    onChange(isLead) {
      void served?.stop();
      served = isLead
        ? serveIngest({ bus, kind: 'lead', database, groupCommit, metrics })
        : undefined;
    },
    log: options.log,
  });
  const timeoutMs = config.LEAD_TIMEOUT_MS;
  return {
    connection: appendThroughLead({
      lead,
      remote: openRemoteAppend({ bus, kind: 'lead', database, timeoutMs, metrics }),
      own: groupCommit,
      avoidedMs: config.LEAD_AVOIDED_MS,
    }),
    async stop() {
      const last = served;
      lead[Symbol.dispose]();
      await last?.stop();
    },
    [Symbol.dispose]() {
      lead[Symbol.dispose]();
      groupCommit[Symbol.dispose]();
    },
  };
}

export function createStore(options: StoreOptions): Store {
  if (!options.isIngest) return passingStore(options);
  return options.isGateway ? sharedStore(options) : servingStore(options);
}
