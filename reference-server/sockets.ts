/**
 * The only file that knows uWebSockets.js: HTTP for probes and metrics,
 * WebSockets for users, topics for fan-out.
 *
 * It promises what `Connection` says: nothing is sent on a closed socket, and
 * what is sent and published on one socket arrives in that order. A socket
 * whose receiver is too slow is closed rather than served in part. There is
 * no compression: chat lines are short, and a compressor costs memory.
 *
 * An upgrade is answered in the tick in which it arrives. Answered later, in a
 * `cork`, uWS 20.57 now and then takes the new WebSocket for the old HTTP
 * response, namely when it still lies at the same address, and closes it at
 * once: two of five first sockets of a server were lost that way.
 */
import uWS from 'uWebSockets.js';
import type { Connection } from './connection.ts';
import { BODY_LENGTH_MAX, CHAT_PATH, KEY_LENGTH_MAX } from './protocol.ts';
import type { Session } from './session.ts';
import type { VerifiedToken } from './token.ts';

/** A body of full length, each character escaped as \uXXXX, and the rest of the frame. */
const FRAME_BYTES_MAX = 6 * (BODY_LENGTH_MAX + KEY_LENGTH_MAX) + 1_024;

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

/** `unavailable`: this server takes no users now. */
export type LoginResult = VerifiedToken | { readonly kind: 'unavailable' };

export interface SocketsOptions {
  readonly backpressureBytesMax: number;
  readonly idleTimeoutSec: number;
  readonly login: (authorization: string) => LoginResult;
  readonly opened: (connection: Connection) => Session;
  /** GET handlers by path. */
  readonly pages: Readonly<Record<string, () => HttpAnswer | Promise<HttpAnswer>>>;
}

export interface Sockets {
  /** Resolves with the port; rejects if it is taken. */
  listen(port: number): Promise<number>;
  /** Sends a frame to all sockets subscribed to a channel; returns how many they are. */
  publish(channel: number, frame: string): number;
  readonly connections: ReadonlySet<Connection>;
  /** Stops listening and closes whatever is still open. */
  close(): void;
}

interface SocketData {
  readonly user: number;
  socket: Socket | undefined;
}

interface Socket {
  readonly connection: Connection;
  readonly session: Session;
  drained(): void;
  closed(): void;
}

const STATUS_OF: Record<Exclude<LoginResult['kind'], 'valid'>, string> = {
  refused: '401 Unauthorized',
  unavailable: '503 Service Unavailable',
};

function createConnection(ws: uWS.WebSocket<SocketData>, data: SocketData) {
  let isOpen = true;
  let waiting: (() => void)[] = [];
  const wake = () => {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  };
  const connection: Connection = {
    user: data.user,
    get isOpen() {
      return isOpen;
    },
    send: (frame) => void (isOpen && ws.send(frame)),
    subscribe: (channel) => void (isOpen && ws.subscribe(String(channel))),
    unsubscribe: (channel) => void (isOpen && ws.unsubscribe(String(channel))),
    async drained() {
      if (isOpen && ws.getBufferedAmount() > DRAINED_BYTES) {
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
    },
    end: (code, reason) => void (isOpen && ws.end(code, reason)),
  };
  return {
    connection,
    drained: () => void (ws.getBufferedAmount() <= DRAINED_BYTES && wake()),
    closed() {
      isOpen = false;
      wake();
    },
  };
}

export function createSockets(options: SocketsOptions): Sockets {
  const app = uWS.App();
  const connections = new Set<Connection>();
  let listening: uWS.us_listen_socket | false = false;

  app.ws<SocketData>(CHAT_PATH, {
    compression: uWS.DISABLED,
    maxPayloadLength: FRAME_BYTES_MAX,
    maxBackpressure: options.backpressureBytesMax,
    closeOnBackpressureLimit: true,
    idleTimeout: options.idleTimeoutSec,
    sendPingsAutomatically: true,

    upgrade(response, request, context) {
      const login = options.login(request.getHeader('authorization'));
      if (login.kind !== 'valid') {
        response.writeStatus(STATUS_OF[login.kind]).end();
        return;
      }
      const data: SocketData = { user: login.user, socket: undefined };
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
      const parts = createConnection(ws, data);
      data.socket = { ...parts, session: options.opened(parts.connection) };
      connections.add(parts.connection);
    },
    message(ws, message) {
      ws.getUserData().socket?.session.received(Buffer.from(message).toString('utf8'));
    },
    drain(ws) {
      ws.getUserData().socket?.drained();
    },
    close(ws) {
      const { socket } = ws.getUserData();
      if (socket === undefined) return;
      socket.closed();
      connections.delete(socket.connection);
      socket.session.closed();
    },
  });

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
      if (listening) uWS.us_listen_socket_close(listening);
      app.close();
    },
  };
}
