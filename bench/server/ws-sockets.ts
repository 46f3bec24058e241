/**
 * The same part as `reference-server/sockets.ts`, on `ws` and Node's own HTTP
 * server: what the chat service would be without uWebSockets.js. It keeps the
 * same promises: an upgrade answered at once, order on a socket, a receiver
 * who is too far behind closed, dead sockets found by pings, no compression.
 * It stands behind no balancer, and does not look for readers who are slow and
 * not far behind: they cost next to nothing, and the bench has none.
 *
 * Written as well as `ws` allows by its interface: a published frame is
 * turned into bytes once, not once a receiver, and members are sets.
 */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { type Connection, FAREWELLS } from '../../reference-server/connection.ts';
import { createPageServer } from '../../reference-server/page-server.ts';
import { BODY_LENGTH_MAX, CHAT_PATH, KEY_LENGTH_MAX } from '../../reference-server/protocol.ts';
import type { Sockets, SocketsOptions } from '../../reference-server/sockets.ts';

/** As `reference-server/sockets.ts` has it. */
const FRAME_BYTES_MAX = 6 * (BODY_LENGTH_MAX + KEY_LENGTH_MAX) + 1_024;
const DRAINED_BYTES = 64 * 1024;
const LOST = 1006;

const TEXT = { binary: false } as const;

type Topics = Map<number, Set<WebSocket>>;

function refuse(socket: Duplex, status: number, header = ''): void {
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  socket.end(`${head}${header}Connection: close\r\n\r\n`);
}

function createConnection(
  ws: WebSocket,
  { user, address }: Pick<Connection, 'user' | 'address'>,
  topics: Topics,
): Connection {
  const isOpen = (): boolean => ws.readyState === ws.OPEN;
  const send = (frame: string): void => void (isOpen() && ws.send(frame));
  return {
    user,
    address,
    get isOpen() {
      return isOpen();
    },
    send,
    // By its interface `ws` has no way to write frames together.
    sendAlong: send,
    subscribe(channel) {
      if (!isOpen()) return;
      const topic = topics.get(channel);
      if (topic === undefined) topics.set(channel, new Set([ws]));
      else topic.add(ws);
    },
    unsubscribe(channel) {
      const topic = topics.get(channel);
      topic?.delete(ws);
      if (topic?.size === 0) topics.delete(channel);
    },
    async drained() {
      if (!isOpen() || ws.bufferedAmount <= DRAINED_BYTES) return;
      // What is sent last is written last: an empty ping behind the queue.
      await new Promise<void>((resolve) => ws.ping(undefined, undefined, () => resolve()));
    },
    end(farewell) {
      if (isOpen()) ws.close(FAREWELLS[farewell].code, FAREWELLS[farewell].reason);
    },
  };
}

export function createWsSockets(options: SocketsOptions): Sockets {
  const connections = new Map<Connection, WebSocket>();
  const topics: Topics = new Map();
  const open = new Set<WebSocket>();
  const heard = new WeakSet<WebSocket>();
  const { server, listen } = createPageServer(options.pages);
  const upgrades = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: FRAME_BYTES_MAX,
  });

  function accept(ws: WebSocket, user: number, address: string): void {
    const connection = createConnection(ws, { user, address }, topics);
    const session = options.opened(connection);
    connections.set(connection, ws);
    open.add(ws);
    heard.add(ws);
    ws.on('message', (bytes: Buffer) => {
      heard.add(ws);
      session.received(bytes.toString('utf8'));
    });
    ws.on('pong', () => heard.add(ws));
    ws.on('error', () => ws.terminate());
    ws.on('close', (code) => {
      open.delete(ws);
      connections.delete(connection);
      // The session takes it out of its topics.
      session.closed();
      options.closed(connection, code === LOST ? 'lost' : 'client');
    });
  }

  server.on('upgrade', (request, socket, head) => {
    if (request.url !== CHAT_PATH) return refuse(socket, 404);
    const address = request.socket.remoteAddress ?? '';
    const login = options.login(request.headers.authorization ?? '', address);
    switch (login.kind) {
      case 'refused':
        return refuse(socket, 401);
      case 'unavailable':
        return refuse(socket, 503);
      case 'rate-limited':
        return refuse(socket, 429, `Retry-After: ${login.retryAfterSec}\r\n`);
      case 'valid':
        upgrades.handleUpgrade(request, socket, head, (ws) => accept(ws, login.user, address));
    }
  });

  const pings = setInterval(
    () => {
      for (const ws of open) {
        if (heard.delete(ws)) ws.ping();
        else ws.terminate();
      }
    },
    (options.idleTimeoutSec * 1_000) / 2,
  );
  pings.unref();

  return {
    listen,
    publish(channel, frame) {
      const topic = topics.get(channel);
      if (topic === undefined) return 0;
      const bytes = Buffer.from(frame);
      for (const ws of topic) {
        ws.send(bytes, TEXT);
        if (ws.bufferedAmount > options.backpressureBytesMax) ws.terminate();
      }
      return topic.size;
    },
    connections,
    close() {
      clearInterval(pings);
      server.close();
      for (const ws of open) ws.terminate();
    },
  };
}
