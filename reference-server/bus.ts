/**
 * The way between servers: one connection to NATS, kept up for ever. What is
 * published is a hint. What is requested is answered by one of those that serve
 * the subject, or not: then whoever asked is told, as soon as that is known,
 * and has to know what that means for what was asked.
 *
 * A NATS server that dies takes along what was on its way through it: requests
 * and answers. Its clients see their connection break, all others are told that
 * it is gone. Then all that is under way is lost, at once and not when its time
 * is over, for nobody knows which way it went; it may be answered all the same.
 * What did not arrive for another reason, a server that only fell silent among
 * them, is `late`.
 */
import {
  connect,
  RequestError,
  TimeoutError,
  type Msg,
  type NatsConnection,
  type Subscription,
} from '@nats-io/transport-node';
import type { Logger } from 'pino';

export interface BusOptions {
  readonly servers: readonly string[];
  /** Under which NATS lists it. */
  readonly name: string;
  /** There is a connection, the first or another: something may have been missed. */
  readonly onConnected: () => void;
  readonly log: Logger;
}

export type Answer =
  | { readonly kind: 'answered'; readonly payload: string }
  /** `nobody`: nobody serves it, so nothing was done. `late`, `lost`: done or not, nobody knows. */
  | { readonly kind: 'nobody' | 'late' | 'lost'; readonly detail: string };

/** Requests served under one subject. */
export interface Serving {
  /** Lets others serve from now on; resolves when what came before is answered. */
  stop(): Promise<void>;
}

export interface Bus extends AsyncDisposable {
  readonly isConnected: boolean;
  /** False: there is no connection, and nothing was sent. */
  publish(subject: string, payload: string): boolean;
  subscribe(subject: string, receive: (payload: string) => void): void;
  request(subject: string, payload: string, timeoutMs: number): Promise<Answer>;
  /** Each request is for one of all that serve the subject. Who asked nonsense gets no answer. */
  serve(subject: string, answer: (payload: string) => Promise<string>): Serving;
}

const failureOf = (error: unknown): Answer => {
  const detail = String(error);
  if (error instanceof RequestError && error.isNoResponders()) return { kind: 'nobody', detail };
  return { kind: error instanceof TimeoutError ? 'late' : 'lost', detail };
};

/** Starts connecting and keeps at it for ever; does not wait for the connection. */
export function openBus({ servers, name, onConnected, log }: BusOptions): Bus {
  let nats: NatsConnection | undefined;
  let isConnected = false;
  let isDisposed = false;
  /** What is to be subscribed to once there is a connection. */
  const wanted: ((connection: NatsConnection) => void)[] = [];
  /** Ends each request under way. */
  const requests = new Set<() => void>();
  /** Addresses of all NATS servers there are, as the connection's own has it. */
  let known: readonly string[] = [];

  function onceConnected(subscribe: (connection: NatsConnection) => void): void {
    if (nats === undefined) wanted.push(subscribe);
    else subscribe(nats);
  }

  function loseRequests(): void {
    for (const lose of requests) lose();
  }

  async function watch(connection: NatsConnection): Promise<void> {
    known = connection.info?.connect_urls ?? [];
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        isConnected = false;
        log.warn({ nats: status.server }, 'peers lost');
        loseRequests();
      } else if (status.type === 'reconnect') {
        isConnected = true;
        log.info({ nats: status.server }, 'peers found again');
        onConnected();
      } else if (status.type === 'update') {
        const now = connection.info?.connect_urls ?? [];
        const gone = known.filter((url) => !now.includes(url));
        known = now;
        if (gone.length === 0) continue;
        log.warn({ gone }, 'a way between peers is gone');
        loseRequests();
      }
    }
  }

  async function start(): Promise<void> {
    const connection = await connect({
      servers: [...servers],
      // The nearest comes first in the list.
      noRandomize: true,
      name,
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
    for (const subscribe of wanted) subscribe(connection);
    log.info({ nats: connection.getServer() }, 'peers found');
    onConnected();
    await watch(connection);
  }

  start().catch((error: unknown) => log.error({ error: String(error) }, 'no way to the peers'));

  const subscribeTo = (
    connection: NatsConnection,
    subject: string,
    receive: (message: Msg) => void,
    queue?: string,
  ): Subscription =>
    connection.subscribe(subject, {
      ...(queue !== undefined && { queue }),
      callback: (error, message) => {
        if (error === null) receive(message);
        else log.warn({ subject, error: error.message }, 'subscription failed');
      },
    });

  return {
    get isConnected() {
      return isConnected;
    },
    publish(subject, payload) {
      if (!isConnected || nats === undefined) return false;
      nats.publish(subject, payload);
      return true;
    },
    subscribe(subject, receive) {
      onceConnected((connection) => {
        subscribeTo(connection, subject, (message) => receive(message.string()));
      });
    },
    async request(subject, payload, timeoutMs) {
      if (!isConnected || nats === undefined) return { kind: 'nobody', detail: 'not connected' };
      const lost = Promise.withResolvers<never>();
      const lose = () => lost.reject(new Error('a NATS server was lost before an answer'));
      requests.add(lose);
      try {
        const answered = nats.request(subject, payload, { timeout: timeoutMs });
        const message = await Promise.race([answered, lost.promise]);
        return { kind: 'answered', payload: message.string() };
      } catch (error) {
        return failureOf(error);
      } finally {
        requests.delete(lose);
      }
    },
    serve(subject, answer) {
      const underWay = new Set<Promise<void>>();
      let subscription: Subscription | undefined;
      function receive(message: Msg): void {
        const answering = answer(message.string())
          .then((payload) => void message.respond(payload))
          .catch((error: unknown) => log.warn({ subject, error: String(error) }, 'not answered'))
          .finally(() => underWay.delete(answering));
        underWay.add(answering);
      }
      onceConnected((connection) => {
        subscription = subscribeTo(connection, subject, receive, subject);
      });
      return {
        async stop() {
          // Without a connection there is nobody to tell, and nothing more comes.
          await subscription?.drain().catch(() => undefined);
          await Promise.all(underWay);
          if (isConnected) await nats?.flush();
        },
      };
    },
    async [Symbol.asyncDispose]() {
      isDisposed = true;
      isConnected = false;
      await nats?.close();
    },
  };
}
