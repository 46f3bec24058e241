/**
 * The service's front door, as its users find it: an edge, by TLS, with a token
 * or without. For what the harness tries itself, one socket at a time.
 */
import { readFile } from 'node:fs/promises';
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { Cluster } from '../cluster/cluster.ts';
import { CHAT_PATH, encodeFrame, type ClientFrame } from '../reference-server/protocol.ts';

/** Each answer takes milliseconds. */
const ANSWER_TIMEOUT_MS = 5_000;

export interface Door {
  readonly url: string;
  readonly ca: string;
}

const frameSchema = z.tuple([z.string()], z.union([z.string(), z.number(), z.array(z.unknown())]));
export type Frame = z.infer<typeof frameSchema>;

const channelsSchema = z.array(z.number()).catch([]);

/** What is no frame is an answer too, though none that refuses anything. */
function parseFrame(bytes: Buffer): Frame {
  try {
    return frameSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    return ['something unreadable'];
  }
}

/** An open socket, or the HTTP status it was refused with. The first frame may come with the opening. */
export async function knock(
  { url, ca }: Door,
  token: string,
  heard: (socket: WebSocket, bytes: Buffer) => void = () => undefined,
): Promise<WebSocket | number> {
  const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
  const socket = new WebSocket(url, { ca, headers, handshakeTimeout: ANSWER_TIMEOUT_MS });
  socket.on('message', (bytes: Buffer) => heard(socket, bytes));
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
    socket.once('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
  });
}

export async function doorOf(cluster: Cluster): Promise<Door> {
  const ca = await readFile(cluster.caFile, 'utf8');
  return { url: `${cluster.edges[0]}${CHAT_PATH}`, ca };
}

/** The first answer to a frame, after the welcome. */
export async function answerTo(door: Door, token: string, frame: ClientFrame): Promise<Frame> {
  const { promise, resolve, reject } = Promise.withResolvers<Frame>();
  const socket = await knock(door, token, (open, bytes) => {
    const answer = parseFrame(bytes);
    if (answer[0] === 'welcome') open.send(encodeFrame(frame));
    else resolve(answer);
  });
  if (typeof socket === 'number') throw new Error(`a login was refused with HTTP ${socket}`);
  socket.on('error', reject);
  const late = setTimeout(
    () => reject(new Error(`no answer within ${ANSWER_TIMEOUT_MS} ms`)),
    ANSWER_TIMEOUT_MS,
  );
  try {
    return await promise;
  } finally {
    clearTimeout(late);
    socket.terminate();
  }
}

/** A socket on which any number of frames are sent, after the welcome. */
export interface Visit extends Disposable {
  readonly user: number;
  /** The user's own, by the welcome. */
  readonly channels: readonly number[];
  send(frame: ClientFrame): void;
}

/** Resolves with the welcome; `heard` gets every frame after it. */
export async function visit(
  door: Door,
  user: number,
  token: string,
  heard: (frame: Frame) => void,
): Promise<Visit> {
  const welcomed = Promise.withResolvers<readonly number[]>();
  const socket = await knock(door, token, (_, bytes) => {
    const frame = parseFrame(bytes);
    if (frame[0] === 'welcome') welcomed.resolve(channelsSchema.parse(frame[2]));
    else heard(frame);
  });
  if (typeof socket === 'number') throw new Error(`a login was refused with HTTP ${socket}`);
  socket.on('error', welcomed.reject);
  socket.on('close', () => welcomed.reject(new Error('the socket was closed')));
  return {
    user,
    channels: await welcomed.promise,
    send: (frame) => socket.send(encodeFrame(frame)),
    [Symbol.dispose]: () => socket.terminate(),
  };
}
