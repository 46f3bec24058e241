/**
 * Leaves in good order: no new users and no new messages, but every message
 * that was taken is stored and answered; then each user is told to go
 * elsewhere, a few at a time, so that they do not all arrive there at once.
 * All of it within a bound: what is not answered by then the users send again
 * elsewhere, with the same keys.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import { encodeFrame } from './protocol.ts';
import type { Sockets } from './sockets.ts';
import type { Writer } from './writer.ts';

const FAREWELL_STEP_MS = 20;

export interface DrainOptions {
  readonly writer: Writer;
  readonly sockets: Sockets;
  readonly timeoutMs: number;
  readonly log: Logger;
}

export async function drainServer({
  writer,
  sockets,
  timeoutMs,
  log,
}: DrainOptions): Promise<void> {
  const beganMs = performance.now();
  log.info({ waiting: writer.waiting, sockets: sockets.connections.size }, 'draining');
  // Half of the time for the queue, a quarter for the farewells; the rest is reserve.
  await Promise.race([writer.drain(), wait(timeoutMs / 2, undefined, { ref: false })]);
  if (writer.waiting > 0) log.warn({ waiting: writer.waiting }, 'leaving unanswered messages');

  const leaving = [...sockets.connections.keys()];
  const steps = Math.max(1, Math.floor(timeoutMs / 4 / FAREWELL_STEP_MS));
  const atOnce = Math.max(50, Math.ceil(leaving.length / steps));
  for (let next = 0; next < leaving.length; next += atOnce) {
    if (next > 0) await wait(FAREWELL_STEP_MS);
    for (const connection of leaving.slice(next, next + atOnce)) {
      connection.send(encodeFrame(['bye', 'the server is leaving']));
      connection.end('leaving');
    }
  }
  log.info({ tookMs: Math.round(performance.now() - beganMs) }, 'drained');
}
