/**
 * A user's WebSocket as bare bytes: enough of the protocol to log in, join,
 * send, and tell frames apart by their first letter, and nothing else. It is
 * the cheapest client that Node allows, so that a bench measures the server:
 * all sockets read into one buffer, frames are walked and not decoded.
 *
 * Limits: text frames of our own server only; nothing fragmented, nothing
 * compressed, payloads up to 2³² bytes. Not masked either way: a mask of
 * zeros is a mask.
 */
import { connect, type Socket } from 'node:net';
import { CHAT_PATH, encodeFrame, type ClientFrame } from '../reference-server/protocol.ts';

/** The letter a frame of the server begins with, after `["`: all are different. */
export const FRAME = {
  welcome: 0x77,
  joined: 0x6a,
  ack: 0x61,
  message: 0x6d,
  error: 0x65,
} as const;

const PING = 0x89;
const PONG = 0x8a;
const TEXT = 0x81;
const LENGTH_IN_2_BYTES = 126;
const LENGTH_IN_8_BYTES = 127;
const MASKED = 0x80;
const UPGRADED = 'HTTP/1.1 101';

export interface RawSocket {
  readonly user: number;
  send(frame: ClientFrame): void;
  close(): void;
}

export interface RawListener {
  /** A frame's payload is `bytes` from `from` to `to`, until the call returns. */
  frame(socket: RawSocket, letter: number, bytes: Buffer, from: number, to: number): void;
  /** Closed, or refused, for the first time. */
  gone(socket: RawSocket, why: string): void;
}

/** What is read from any socket lies here while it is looked at. */
const readInto = Buffer.allocUnsafe(256 * 1024);

function encode(opcode: number, payload: Buffer): Buffer {
  const long = payload.length >= LENGTH_IN_2_BYTES;
  const head = Buffer.alloc(long ? 8 : 6);
  head[0] = opcode;
  if (long) {
    head[1] = MASKED | LENGTH_IN_2_BYTES;
    head.writeUInt16BE(payload.length, 2);
  } else head[1] = MASKED | payload.length;
  return Buffer.concat([head, payload]);
}

const upgradeRequest = (host: string, token: string): string =>
  [
    `GET ${CHAT_PATH} HTTP/1.1`,
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    `Authorization: Bearer ${token}`,
    '\r\n',
  ].join('\r\n');

/** Where the next frame begins, and its payload; undefined while it is not all there. */
function frameAt(bytes: Buffer, at: number): { from: number; to: number } | undefined {
  if (at + 2 > bytes.length) return undefined;
  const short = bytes[at + 1] as number;
  let from = at + 2;
  let length = short;
  if (short === LENGTH_IN_2_BYTES) {
    from = at + 4;
    if (from > bytes.length) return undefined;
    length = bytes.readUInt16BE(at + 2);
  } else if (short === LENGTH_IN_8_BYTES) {
    from = at + 10;
    if (from > bytes.length) return undefined;
    length = bytes.readUInt32BE(at + 6);
  }
  return from + length > bytes.length ? undefined : { from, to: from + length };
}

export function openRawSocket(
  { host, port, user, token }: { host: string; port: number; user: number; token: string },
  listener: RawListener,
): RawSocket {
  let isUpgraded = false;
  let isGone = false;
  let rest: Buffer | undefined;
  const gone = (why: string): void => {
    if (isGone) return;
    isGone = true;
    listener.gone(self, why);
  };

  /** Walks whole frames from `at`; returns where the first unfinished one begins. */
  function walk(bytes: Buffer, at: number): number {
    let next = at;
    for (;;) {
      const frame = frameAt(bytes, next);
      if (frame === undefined) return next;
      const { from, to } = frame;
      if (bytes[next] === TEXT) listener.frame(self, bytes[from + 2] as number, bytes, from, to);
      else if (bytes[next] === PING) socket.write(encode(PONG, bytes.subarray(from, to)));
      next = to;
    }
  }

  function read(length: number): void {
    const fresh = readInto.subarray(0, length);
    const bytes = rest === undefined ? fresh : Buffer.concat([rest, fresh]);
    let at = 0;
    if (!isUpgraded) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end >= 0 && !bytes.toString('latin1', 0, end).startsWith(UPGRADED)) {
        gone(bytes.toString('latin1', 0, bytes.indexOf('\r\n')));
        socket.destroy();
        return;
      }
      isUpgraded = end >= 0;
      at = isUpgraded ? end + 4 : 0;
    }
    if (isUpgraded) at = walk(bytes, at);
    // A copy: the buffer is everybody's.
    rest = at < bytes.length ? Buffer.from(bytes.subarray(at)) : undefined;
  }

  const socket: Socket = connect({
    host,
    port,
    noDelay: true,
    onread: {
      buffer: readInto,
      callback(length) {
        read(length);
        return true;
      },
    },
  });
  const self: RawSocket = {
    user,
    send: (frame) => void socket.write(encode(TEXT, Buffer.from(encodeFrame(frame)))),
    close() {
      isGone = true;
      socket.destroy();
    },
  };
  socket.on('connect', () => socket.write(upgradeRequest(`${host}:${port}`, token)));
  socket.on('error', (error) => gone(error.message));
  socket.on('close', () => gone('closed'));
  return self;
}
