/**
 * Tells the other servers what was committed here, over NATS: one message a
 * batch, on one subject. Nothing depends on it arriving. While there is no
 * connection nothing is announced and nothing kept: the peers find it in the
 * database (`feeds.ts`).
 */
import type { Logger } from 'pino';
import { z } from 'zod';
import { openBus, type Bus } from './bus.ts';
import type { Message } from './message.ts';
import type { Metrics } from './metrics.ts';
import { encodeLists, parseJson } from './payloads.ts';

const SUBJECT = 'chat.committed';

export interface PeersOptions {
  readonly servers: readonly string[];
  readonly serverId: string;
  /** Undefined: nobody here wants to know what was committed elsewhere. */
  readonly onMessages: ((messages: readonly Message[]) => void) | undefined;
  /** The connection is there again, and something may have been missed. */
  readonly onReconnected: () => void;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export interface Peers extends AsyncDisposable {
  announce(messages: readonly Message[]): void;
  /** The connection it uses; servers of other roles are asked over the same. */
  readonly bus: Bus;
}

const batchSchema = z.array(z.tuple([z.number(), z.number(), z.string(), z.number(), z.string()]));

/** Starts connecting and keeps at it for ever; does not wait for the connection. */
export function connectPeers(options: PeersOptions): Peers {
  const { log, metrics, onMessages } = options;
  const bus = openBus({
    servers: options.servers,
    name: options.serverId,
    onConnected: options.onReconnected,
    log,
  });

  function receive(payload: string, offer: NonNullable<typeof onMessages>): void {
    const batch = batchSchema.safeParse(parseJson(payload));
    if (!batch.success) {
      log.warn('a peer sent a batch that is none; ignored');
      return;
    }
    metrics.peerBatches.inc({ direction: 'heard' });
    offer(
      batch.data.map(([channel, sequence, key, author, body]) => ({
        channel,
        sequence,
        key,
        author,
        body,
      })),
    );
  }

  if (onMessages !== undefined) {
    bus.subscribe(SUBJECT, (payload) => receive(payload, onMessages));
  }

  return {
    bus,
    announce(messages) {
      const batches = messages.map(({ channel, sequence, key, author, body }) =>
        JSON.stringify([channel, sequence, key, author, body]),
      );
      for (const payload of encodeLists(batches)) {
        const direction = bus.publish(SUBJECT, payload) ? 'announced' : 'not-announced';
        metrics.peerBatches.inc({ direction });
      }
    },
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  };
}
