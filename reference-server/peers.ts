/**
 * Tells the other servers what was committed here, over NATS: one message a
 * batch, on one subject. Nothing depends on it arriving. While there is no
 * connection nothing is announced and nothing kept: the peers find it in the
 * database (`feeds.ts`).
 */
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Message } from './message.ts';
import type { Metrics } from './metrics.ts';

const SUBJECT = 'chat.committed';

/** A quarter of NATS' default limit for a message, in characters (a character is up to 3 bytes). */
const PAYLOAD_LENGTH_MAX = 256 * 1024;

export interface PeersOptions {
  readonly servers: readonly string[];
  readonly serverId: string;
  readonly onMessages: (messages: readonly Message[]) => void;
  /** The connection is there again, and something may have been missed. */
  readonly onReconnected: () => void;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export interface Peers extends AsyncDisposable {
  announce(messages: readonly Message[]): void;
  readonly isConnected: boolean;
}

/** Undefined for what is not JSON. */
function decode(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

const batchSchema = z.array(z.tuple([z.number(), z.number(), z.string(), z.number(), z.string()]));

/** Splits so that each payload stays below the limit; one message always fits. */
function* encodeBatches(messages: readonly Message[]): Generator<string> {
  let parts: string[] = [];
  let length = 0;
  for (const { channel, sequence, key, author, body } of messages) {
    const part = JSON.stringify([channel, sequence, key, author, body]);
    if (length + part.length > PAYLOAD_LENGTH_MAX && parts.length > 0) {
      yield `[${parts.join()}]`;
      parts = [];
      length = 0;
    }
    parts.push(part);
    length += part.length + 1;
  }
  if (parts.length > 0) yield `[${parts.join()}]`;
}

/** Starts connecting and keeps at it for ever; does not wait for the connection. */
export function connectPeers(options: PeersOptions): Peers {
  const { log, metrics } = options;
  let nats: NatsConnection | undefined;
  let isConnected = false;
  let isDisposed = false;

  function receive(payload: string): void {
    const batch = batchSchema.safeParse(decode(payload));
    if (!batch.success) {
      log.warn('a peer sent a batch that is none; ignored');
      return;
    }
    metrics.peerBatches.inc({ direction: 'heard' });
    options.onMessages(
      batch.data.map(([channel, sequence, key, author, body]) => ({
        channel,
        sequence,
        key,
        author,
        body,
      })),
    );
  }

  async function watch(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        isConnected = false;
        log.warn({ nats: status.server }, 'peers lost');
      } else if (status.type === 'reconnect') {
        isConnected = true;
        log.info({ nats: status.server }, 'peers found again');
        options.onReconnected();
      }
    }
  }

  async function start(): Promise<void> {
    const connection = await connect({
      servers: [...options.servers],
      // The nearest comes first in the list.
      noRandomize: true,
      name: options.serverId,
      noEcho: true,
      waitOnFirstConnect: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 250,
      timeout: 2_000,
      // A server that fell silent is left after about 4 s.
      pingInterval: 2_000,
      maxPingOut: 2,
    });
    if (isDisposed) return connection.close();
    nats = connection;
    isConnected = true;
    connection.subscribe(SUBJECT, {
      callback: (error, message) => {
        if (error === null) receive(message.string());
        else log.warn({ error: error.message }, 'subscription to the peers failed');
      },
    });
    log.info({ nats: connection.getServer() }, 'peers found');
    options.onReconnected();
    await watch(connection);
  }

  start().catch((error: unknown) => log.error({ error: String(error) }, 'no way to the peers'));

  return {
    announce(messages) {
      for (const payload of encodeBatches(messages)) {
        if (isConnected && nats !== undefined) {
          nats.publish(SUBJECT, payload);
          metrics.peerBatches.inc({ direction: 'announced' });
        } else {
          metrics.peerBatches.inc({ direction: 'not-announced' });
        }
      }
    },
    get isConnected() {
      return isConnected;
    },
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      isConnected = false;
      await nats?.close();
    },
  };
}
