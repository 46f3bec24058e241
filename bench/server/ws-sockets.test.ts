import { once } from 'node:events';
import WebSocket from 'ws';
import { afterEach, expect, it } from 'vitest';
import type { Connection } from '../../reference-server/connection.ts';
import { CHAT_PATH } from '../../reference-server/protocol.ts';
import type { CloseReason, Sockets } from '../../reference-server/sockets.ts';
import { createWsSockets } from './ws-sockets.ts';

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

interface Opened {
  readonly sockets: Sockets;
  readonly port: number;
  readonly opened: Connection[];
  readonly received: string[];
  readonly closed: number[];
  readonly ends: CloseReason[];
}

/** User `n` logs in with `Bearer n`; nobody else does. */
async function listening(): Promise<Opened> {
  const opened: Connection[] = [];
  const received: string[] = [];
  const closed: number[] = [];
  const ends: CloseReason[] = [];
  const sockets = createWsSockets({
    backpressureBytesMax: 1 << 20,
    idleTimeoutSec: 120,
    slowReaderPatienceMs: 30_000,
    isProxied: false,
    login: (authorization) => {
      const user = Number(authorization.replace('Bearer ', ''));
      return user > 0 ? { kind: 'valid', user } : { kind: 'refused', reason: 'missing' };
    },
    opened(connection) {
      opened.push(connection);
      return {
        received: (text) => void received.push(text),
        closed: () => void closed.push(connection.user),
      };
    },
    closed: (_, reason) => void ends.push(reason),
    pages: { '/readyz': () => ({ status: '200 OK', type: 'text/plain', body: 'ready\n' }) },
  });
  closers.push(() => sockets.close());
  return { sockets, port: await sockets.listen(0), opened, received, closed, ends };
}

async function join({ port }: Opened, user: number): Promise<{ ws: WebSocket; texts: string[] }> {
  const ws = new WebSocket(`ws://127.0.0.1:${port}${CHAT_PATH}`, {
    headers: { authorization: `Bearer ${user}` },
  });
  const texts: string[] = [];
  ws.on('message', (bytes: Buffer) => texts.push(bytes.toString('utf8')));
  closers.push(() => ws.terminate());
  await once(ws, 'open');
  return { ws, texts };
}

it('sends what is published to subscribers only, in order with what is sent to one', async () => {
  const server = await listening();
  const [first, second] = [await join(server, 1), await join(server, 2)];
  const [one, two] = server.opened as [Connection, Connection];
  one.subscribe(7);
  one.sendAlong('a');
  expect(server.sockets.publish(7, 'b')).toBe(1);
  two.subscribe(7);
  one.send('c');
  expect(server.sockets.publish(7, 'd')).toBe(2);
  one.unsubscribe(7);
  expect(server.sockets.publish(7, 'e')).toBe(1);
  expect(server.sockets.publish(8, 'f')).toBe(0);
  await expect
    .poll(() => [first.texts, second.texts])
    .toEqual([
      ['a', 'b', 'c', 'd'],
      ['d', 'e'],
    ]);
});

it('hands on what a user sends, and that it left', async () => {
  const server = await listening();
  const { ws } = await join(server, 3);
  ws.send('["join",[]]');
  await expect.poll(() => server.received).toEqual(['["join",[]]']);
  ws.terminate();
  await expect.poll(() => server.closed).toEqual([3]);
  expect(server.ends).toEqual(['lost']);
  expect(server.opened[0]?.isOpen).toBe(false);
  expect(server.sockets.connections.size).toBe(0);
});

it('refuses an upgrade without a right to one, and serves its pages', async () => {
  const server = await listening();
  const ws = new WebSocket(`ws://127.0.0.1:${server.port}${CHAT_PATH}`);
  const [, response] = (await once(ws, 'unexpected-response')) as [unknown, { statusCode: number }];
  expect(response.statusCode).toBe(401);
  const page = await fetch(`http://127.0.0.1:${server.port}/readyz`);
  expect([page.status, await page.text()]).toEqual([200, 'ready\n']);
});

it('closes with the code and the reason it is told', async () => {
  const server = await listening();
  const { ws } = await join(server, 4);
  const closed = once(ws, 'close');
  server.opened[0]?.end('leaving');
  const [code, reason] = (await closed) as [number, Buffer];
  expect([code, String(reason)]).toEqual([1001, 'bye']);
});
