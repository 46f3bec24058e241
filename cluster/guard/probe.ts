/**
 * Does a database member live, and does it say that it is a replica? To live is
 * not "to accept a connection": the kernel of a frozen machine still does that.
 * Its Patroni has to answer a request, or its PostgreSQL the question whether it
 * speaks TLS.
 *
 * PostgreSQL is asked only when Patroni is slow, because each question costs
 * it a process. For its role Patroni asks PostgreSQL, which may hang: so that is
 * a question of its own, and no answer to it says nothing.
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

const ROLE_TIMEOUT_MS = 250;

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

export const lives = async ({
  address,
  patroniPort,
  postgresPort,
  timeoutMs,
}: ProbeTarget): Promise<boolean> => {
  const settled = new AbortController();
  const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), settled.signal]);
  // Any answer counts, also "I am not healthy": it is alive and can act by itself.
  const patroni = askHttp(`http://${address}:${patroniPort}/liveness`, { signal });
  const postgres = delay(PATRONI_HEAD_START_MS, undefined, { signal }).then(() =>
    askPostgres(address, postgresPort, signal),
  );
  try {
    await Promise.any([patroni, postgres]);
    return true;
  } catch {
    return false;
  } finally {
    settled.abort();
  }
};

/** While PostgreSQL starts or stops, its role means nothing. */
const replicaSchema = z.object({ state: z.literal('running'), role: z.literal('replica') });

const saysReplica = async ({ address, patroniPort }: ProbeTarget): Promise<boolean> => {
  try {
    const answer = await askHttp(`http://${address}:${patroniPort}/patroni`, {
      signal: AbortSignal.timeout(ROLE_TIMEOUT_MS),
    });
    return replicaSchema.safeParse(JSON.parse(answer.text)).success;
  } catch {
    return false;
  }
};

export const ask = async (target: ProbeTarget): Promise<Word> => {
  if (!(await lives(target))) return 'nothing';
  return (await saysReplica(target)) ? 'denies' : 'lives';
};
