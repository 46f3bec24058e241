/** A member's Patroni and PostgreSQL, as a guard may meet them: real servers on the loopback. */
import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { ask } from './probe.ts';

/** Long enough for whoever answers, whatever the machine does meanwhile. */
const PATIENT_MS = 10_000;
const SILENCE_MS = 500;
/** Answers that Patroni owes, until something else has answered. */
const owed: ServerResponse[] = [];
const letGo = () => {
  for (const response of owed.splice(0)) response.destroy();
};
const stops: (() => void)[] = [];
afterEach(() => {
  owed.length = 0;
  for (const stop of stops.splice(0)) stop();
});

const listen = async (server: ReturnType<typeof createTcpServer>): Promise<number> => {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stops.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
};

const silent: RequestListener = (_request, response) => void owed.push(response);
const role =
  (name: string, afterMs = 0): RequestListener =>
  async (_request, response) => {
    await delay(afterMs);
    response.end(JSON.stringify({ state: 'running', role: name }));
  };
/** As where Patroni lives and waits for a PostgreSQL that hangs. */
const withoutRole: RequestListener = (request, response) => {
  if (request.url === '/liveness') response.end(letGo);
  else owed.push(response);
};

const postgres = (answers: boolean) =>
  createTcpServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      if (answers) socket.write('N', letGo);
    });
  });

/** A port at which nobody listens any more. */
const refusingPort = async (): Promise<number> => {
  const server = createTcpServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
};

const wordOf = async (
  patroni: RequestListener | 'refuses',
  isPostgresThere: boolean,
  timeoutMs: number,
) =>
  ask({
    address: '127.0.0.1',
    patroniPort: patroni === 'refuses' ? await refusingPort() : await listen(createServer(patroni)),
    postgresPort: await listen(postgres(isPostgresThere)),
    timeoutMs,
  });

test.for([
  ['a primary lives', role('primary'), false, 'lives'],
  ['a replica denies that it leads', role('replica'), false, 'denies'],
  ['a slow primary lives, as long as it answers in time', role('primary', 300), false, 'lives'],
  ['a slow replica denies it all the same', role('replica', 300), false, 'denies'],
  ['a Patroni that cannot tell its role lives', withoutRole, false, 'lives'],
  ['a PostgreSQL whose Patroni hangs lives', silent, true, 'lives'],
  ['a PostgreSQL whose Patroni is gone lives', 'refuses', true, 'lives'],
  ['one that takes connections and answers nothing says nothing', silent, false, 'nothing'],
] as const)('%s', async ([, patroni, isPostgresThere, word]) => {
  const timeoutMs = word === 'nothing' ? SILENCE_MS : PATIENT_MS;
  expect(await wordOf(patroni, isPostgresThere, timeoutMs)).toBe(word);
});
