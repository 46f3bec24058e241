import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { afterEach, expect, it } from 'vitest';
import { CHAT_PATH } from '../reference-server/protocol.ts';
import { FRAME, openRawSocket, type RawSocket } from './raw-socket.ts';

interface Heard {
  readonly socket: RawSocket;
  readonly server: WebSocket;
  readonly letters: number[];
  readonly texts: string[];
  readonly gone: string[];
}

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

/** A raw socket on a real WebSocket server. */
async function connected(accepts = true): Promise<Heard> {
  const server = new WebSocketServer({
    port: 0,
    path: CHAT_PATH,
    verifyClient: ({ req }: { readonly req: IncomingMessage }) =>
      accepts && req.headers.authorization === 'Bearer a-token',
  });
  closers.push(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [letters, texts, gone]: [number[], string[], string[]] = [[], [], []];
  const arrival = once(server, 'connection');
  const socket = openRawSocket(
    { host: '127.0.0.1', port, user: 7, token: 'a-token' },
    {
      frame(_socket, letter, bytes, from, to) {
        letters.push(letter);
        texts.push(bytes.toString('utf8', from, to));
      },
      gone: (_socket, why) => void gone.push(why),
    },
  );
  closers.push(() => socket.close());
  if (!accepts) {
    await expect.poll(() => gone.length).toBe(1);
    return { socket, server: undefined as never, letters, texts, gone };
  }
  const [peer] = (await arrival) as [WebSocket];
  closers.push(() => peer.terminate());
  return { socket, server: peer, letters, texts, gone };
}

it('hands on every frame whole, in order, with its letter, however long it is', async () => {
  const { server, letters, texts } = await connected();
  // Lengths in one byte, in two, in eight; the last larger than the buffer that is read into.
  const sent = [20, 125, 126, 65_535, 65_536, 400_000].map((length) =>
    '["message",'.padEnd(length, 'x'),
  );
  for (const text of ['["welcome",7,[]]', ...sent, '["ack","key",1,1]']) server.send(text);
  await expect.poll(() => texts.length).toBe(8);
  expect(texts.slice(1, -1)).toEqual(sent);
  expect(letters).toEqual([FRAME.welcome, ...sent.map(() => FRAME.message), FRAME.ack]);
});

it('sends frames that a WebSocket server takes, short and long', async () => {
  const { socket, server } = await connected();
  const received: string[] = [];
  server.on('message', (bytes: Buffer) => received.push(bytes.toString('utf8')));
  socket.send(['send', 'a', 1, 'short']);
  socket.send(['send', 'b', 1, 'é'.repeat(1_000)]);
  await expect
    .poll(() => received)
    .toEqual(['["send","a",1,"short"]', `["send","b",1,"${'é'.repeat(1_000)}"]`]);
});

it('answers a ping with its own content', async () => {
  const { server } = await connected();
  const answered = once(server, 'pong');
  server.ping('are you there');
  expect(String(((await answered) as [Buffer])[0])).toBe('are you there');
});

it('says with what words it was refused', async () => {
  const { gone, letters } = await connected(false);
  expect(gone).toEqual(['HTTP/1.1 401 Unauthorized']);
  expect(letters).toEqual([]);
});

it('says once that the other end is gone', async () => {
  const { server, gone } = await connected();
  server.terminate();
  await expect.poll(() => gone).toEqual(['closed']);
});
