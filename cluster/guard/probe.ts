/**
 * Does a database member live, and does it say that it is a replica? To live is
 * not "to accept a connection": the kernel of a frozen machine still does that.
 * Its Patroni has to answer a request, or its PostgreSQL the question whether it
 * speaks TLS.
 *
 * Patroni is asked for its role, for which it asks PostgreSQL, which may hang: no
 * answer to it says nothing. Then Patroni is asked whether it lives, and
 * PostgreSQL, which is asked only when Patroni is slow, because each question
 * costs it a process.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { askHttp } from './ask-http.ts';
import type { Word } from './decide.ts';

export interface ProbeTarget {
  readonly address: string;
  readonly patroniPort: number;
  readonly postgresPort: number;
  readonly timeoutMs: number;
}

/** Patroni answers within a few milliseconds; on a busy machine within some tens. */
const PATRONI_HEAD_START_MS = 150;

/** PostgreSQL's SSLRequest: length 8, code 80877103. Answered by one byte, before any login. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

const askPostgres = async (host: string, port: number, signal: AbortSignal): Promise<void> => {
  const socket = connect({ host, port });
  try {
    socket.on('error', () => undefined);
    await once(socket, 'connect', { signal });
    socket.write(SSL_REQUEST);
    await once(socket, 'data', { signal });
  } finally {
    socket.destroy();
  }
};

/** Does one of the ways lead to an answer in time? Any counts, also "I am not healthy". */
const isAnswered = async (
  timeoutMs: number,
  waysOf: (signal: AbortSignal) => readonly Promise<unknown>[],
): Promise<boolean> => {
  const settled = new AbortController();
  try {
    await Promise.any(waysOf(AbortSignal.any([AbortSignal.timeout(timeoutMs), settled.signal])));
    return true;
  } catch {
    return false;
  } finally {
    settled.abort();
  }
};

const headStart = (signal: AbortSignal) => delay(PATRONI_HEAD_START_MS, undefined, { signal });

const askLiveness = ({ address, patroniPort }: ProbeTarget, signal: AbortSignal) =>
  askHttp(`http://${address}:${patroniPort}/liveness`, { signal });

export const lives = (target: ProbeTarget): Promise<boolean> =>
  isAnswered(target.timeoutMs, (signal) => [
    askLiveness(target, signal),
    headStart(signal).then(() => askPostgres(target.address, target.postgresPort, signal)),
  ]);

/** While PostgreSQL starts or stops, its role means nothing. */
const replicaSchema = z.object({ state: z.literal('running'), role: z.literal('replica') });

/** Rejects where there is no answer in time. */
const askIsReplica = async ({ address, patroniPort, timeoutMs }: ProbeTarget): Promise<boolean> => {
  const { text } = await askHttp(`http://${address}:${patroniPort}/patroni`, {
    // All the time there is: a slow answer is an answer, and a slow leader lives.
    signal: AbortSignal.timeout(timeoutMs),
  });
  try {
    return replicaSchema.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
};

/** One question as long as the member is well: who tells its role lives. */
export const ask = async (target: ProbeTarget): Promise<Word> => {
  const isReplica = askIsReplica(target);
  const isAlive = await isAnswered(target.timeoutMs, (signal) => [
    isReplica,
    headStart(signal).then(() =>
      Promise.any([
        askLiveness(target, signal),
        askPostgres(target.address, target.postgresPort, signal),
      ]),
    ),
  ]);
  if (!isAlive) return 'nothing';
  return (await isReplica.catch(() => false)) ? 'denies' : 'lives';
};
