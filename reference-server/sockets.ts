/**
 * The only file that knows uWebSockets.js: HTTP for probes and metrics,
 * WebSockets for users, topics for fan-out.
 *
 * It promises what `Connection` says: nothing is sent on a closed socket, and
 * what is sent and published on one socket arrives in that order. A socket
 * whose receiver is too slow is closed rather than served in part: at the limit
 * at once, and behind it for long (`slow-readers.ts`) with a reason. There is
 * no compression: chat lines are short, and a compressor costs memory.
 *
 * A balancer that passes bytes on may say for whom, before the first of them
 * (PROXY protocol v2, which this build of uWS reads). It is believed only where
 * the configuration says so: whoever reaches the port can claim any address.
 *
 * An upgrade is answered in the tick in which it arrives. Answered later, in a
 * `cork`, uWS 20.57 now and then takes the new WebSocket for the old HTTP
 * response, namely when it still lies at the same address, and closes it at
 * once: two of five first sockets of a server were lost that way.
 */
import uWS from 'uWebSockets.js';
import { addressText } from './address.ts';
import { FAREWELLS, type Connection, type Farewell } from './connection.ts';
import type { Login, LoginResult } from './login.ts';
import { BODY_LENGTH_MAX, CHAT_PATH, KEY_LENGTH_MAX } from './protocol.ts';
import type { Session } from './session.ts';
import { createSlowReaders } from './slow-readers.ts';

/** A body of full length, each character escaped as \uXXXX, and the rest of the frame. */
const FRAME_BYTES_MAX = 6 * (BODY_LENGTH_MAX + KEY_LENGTH_MAX) + 1_024;

/** WebSocket close code of a socket that ended without one. */
const LOST = 1006;

/** Below this a socket counts as drained: some ten full-length messages. */
const DRAINED_BYTES = 64 * 1024;

/**
 * uSockets' LIBUS_LISTEN_EXCLUSIVE_PORT. Without it two servers may share a
 * port and each gets a part of the users. Its types name it otherwise than its module.
 */
const EXCLUSIVE_PORT = 1;

export interface HttpAnswer {
  readonly status: string;
  readonly type: string;
  readonly body: string;
}

/** How a socket ended: by the server's own will, or not. */
export type CloseReason =
  | Farewell
  /** More waited to be sent than may. */
  | 'backpressure'
  | 'client'
  /** Without a word: the network, a dead client, silence. */
  | 'lost';

/** Looks at all sockets: some hundred nanoseconds each. */
const SLOW_READERS_EVERY_MS = 2_000;

export interface SocketsOptions {
  readonly backpressureBytesMax: number;
  readonly idleTimeoutSec: number;
  /** Behind for longer than that: too slow a reader. */
  readonly slowReaderPatienceMs: number;
  /** The balancers in front say whom they pass on. */
  readonly isProxied: boolean;
  readonly login: Login;
  readonly opened: (connection: Connection) => Session;
  readonly closed: (connection: Connection, reason: CloseReason) => void;
  /** GET handlers by path. */
  readonly pages: Readonly<Record<string, () => HttpAnswer | Promise<HttpAnswer>>>;
}

export interface Sockets {
  /** Resolves with the port; rejects if it is taken. */
  listen(port: number): Promise<number>;
  /** Sends a frame to all sockets subscribed to a channel; returns how many they are. */
  publish(channel: number, frame: string): number;
  readonly connections: { readonly size: number; keys(): Iterable<Connection> };
  /** Stops listening and closes whatever is still open. */
  close(): void;
}

interface SocketData {
  readonly user: number;
  readonly address: string;
  connection: SocketConnection | undefined;
  session: Session | undefined;
}

const STATUS_OF: Record<Exclude<LoginResult['kind'], 'valid'>, string> = {
  refused: '401 Unauthorized',
  unavailable: '503 Service Unavailable',
  'rate-limited': '429 Too Many Requests',
};

function addressOf(response: uWS.HttpResponse, isProxied: boolean): string {
  const proxied = isProxied ? response.getProxiedRemoteAddress() : undefined;
  const bytes = proxied?.byteLength ? proxied : response.getRemoteAddress();
  return addressText(new Uint8Array(bytes));
}

/** A class, and not a closure a promise: there are thousands of them, and most do nothing most of the time. */
class SocketConnection implements Connection {
  readonly user: number;
  readonly address: string;
  isOpen = true;
  /** Why this server closes it. */
  closing: CloseReason | undefined = undefined;
  private readonly app: uWS.TemplatedApp;
  private readonly ws: uWS.WebSocket<SocketData>;
  /** A topic of its own: what is published leaves in one write a socket, in order. */
  private readonly own: string;
  private waiting: (() => void)[] | undefined = undefined;

  /** `number`: no other connection's. */
  constructor(app: uWS.TemplatedApp, ws: uWS.WebSocket<SocketData>, number: number) {
    const { user, address } = ws.getUserData();
    this.app = app;
    this.ws = ws;
    this.user = user;
    this.address = address;
    this.own = `own-${number}`;
    ws.subscribe(this.own);
  }

  /** More is left to send than a reader who keeps up ever leaves. */
  get isBehind(): boolean {
    return this.isOpen && this.ws.getBufferedAmount() > DRAINED_BYTES;
  }

  send(frame: string): void {
    if (this.isOpen) this.ws.send(frame);
  }

  sendAlong(frame: string): void {
    if (this.isOpen) this.app.publish(this.own, frame);
  }

  subscribe(channel: number): void {
    if (this.isOpen) this.ws.subscribe(String(channel));
  }

  unsubscribe(channel: number): void {
    if (this.isOpen) this.ws.unsubscribe(String(channel));
  }

  async drained(): Promise<void> {
    if (this.isBehind) {
      await new Promise<void>((resolve) => (this.waiting ??= []).push(resolve));
    }
  }

  end(farewell: Farewell): void {
    if (!this.isOpen) return;
    this.closing = farewell;
    this.ws.end(FAREWELLS[farewell].code, FAREWELLS[farewell].reason);
  }

  /** Some of what was left to send is sent. */
  sentMore(): void {
    if (!this.isBehind) this.wake();
  }

  closed(): void {
    this.isOpen = false;
    this.wake();
  }

  private wake(): void {
    const woken = this.waiting ?? [];
    this.waiting = undefined;
    for (const resolve of woken) resolve();
  }
}

export function createSockets(options: SocketsOptions): Sockets {
  const app = uWS.App();
  const connections = new Set<SocketConnection>();
  let opened = 0;
  let listening: uWS.us_listen_socket | false = false;

  app.ws<SocketData>(CHAT_PATH, {
    compression: uWS.DISABLED,
    maxPayloadLength: FRAME_BYTES_MAX,
    maxBackpressure: options.backpressureBytesMax,
    closeOnBackpressureLimit: true,
    idleTimeout: options.idleTimeoutSec,
    sendPingsAutomatically: true,

    upgrade(response, request, context) {
      const address = addressOf(response, options.isProxied);
      const login = options.login(request.getHeader('authorization'), address);
      if (login.kind !== 'valid') {
        response.writeStatus(STATUS_OF[login.kind]);
        if (login.kind === 'rate-limited') {
          response.writeHeader('Retry-After', String(login.retryAfterSec));
        }
        response.end();
        return;
      }
      const { user } = login;
      const data: SocketData = { user, address, connection: undefined, session: undefined };
      response.upgrade(
        data,
        request.getHeader('sec-websocket-key'),
        request.getHeader('sec-websocket-protocol'),
        request.getHeader('sec-websocket-extensions'),
        context,
      );
    },
    open(ws) {
      const data = ws.getUserData();
      data.connection = new SocketConnection(app, ws, ++opened);
      data.session = options.opened(data.connection);
      connections.add(data.connection);
    },
    message(ws, message) {
      ws.getUserData().session?.received(Buffer.from(message).toString('utf8'));
    },
    dropped(ws) {
      // uWS closes it for that, in a moment.
      const { connection } = ws.getUserData();
      if (connection !== undefined) connection.closing ??= 'backpressure';
    },
    drain(ws) {
      ws.getUserData().connection?.sentMore();
    },
    close(ws, code) {
      const { connection, session } = ws.getUserData();
      if (connection === undefined) return;
      connection.closed();
      connections.delete(connection);
      session?.closed();
      options.closed(connection, connection.closing ?? (code === LOST ? 'lost' : 'client'));
    },
  });

  const slowReaders = createSlowReaders<SocketConnection>(
    options.slowReaderPatienceMs,
    ({ isBehind }) => isBehind,
  );
  const slowReadersTimer = setInterval(() => {
    const slow = slowReaders.look(connections.keys(), performance.now());
    for (const reader of slow) reader.end('slow-reader');
  }, SLOW_READERS_EVERY_MS);

  for (const [path, page] of Object.entries(options.pages)) {
    app.get(path, async (response) => {
      let isAborted = false;
      response.onAborted(() => (isAborted = true));
      const { status, type, body } = await page();
      if (isAborted) return;
      response.cork(() => {
        response.writeStatus(status).writeHeader('Content-Type', type).end(body);
      });
    });
  }
  app.any('/*', (response) => void response.writeStatus('404 Not Found').end());

  return {
    listen: (port) =>
      new Promise((resolve, reject) => {
        app.listen(port, EXCLUSIVE_PORT, (socket) => {
          listening = socket;
          if (socket) resolve(uWS.us_socket_local_port(socket));
          else reject(new Error(`port ${port} is taken or may not be used`));
        });
      }),
    publish(channel, frame) {
      const topic = String(channel);
      const receivers = app.numSubscribers(topic);
      if (receivers > 0) app.publish(topic, frame);
      return receivers;
    },
    connections,
    close() {
      clearInterval(slowReadersTimer);
      if (listening) uWS.us_listen_socket_close(listening);
      app.close();
    },
  };
}
