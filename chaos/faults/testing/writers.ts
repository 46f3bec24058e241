/**
 * A few users who write all the time through the edges, as real ones do: with
 * keys, with retries, connecting again elsewhere when their connection breaks
 * or stays silent. What was acknowledged, and when, tells what a fault did.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import WebSocket from 'ws';
import { z } from 'zod';
import type { Cluster } from '../../../cluster/cluster.ts';
import { CHAT_PATH, encodeFrame } from '../../../reference-server/protocol.ts';
import { signToken } from '../../../reference-server/token.ts';
import { awaitCondition } from '../../../cluster/await.ts';

/** Enough to have somebody on each chat server behind each edge. */
const USERS = 6;
const CHANNEL = 1;
const SEND_EVERY_MS = 50;
/** As the load's users: nothing came on a socket for so long, so it is given up. */
const SILENT_MS = 3_000;
const RETRY_MS = 1_000;
const RECONNECT_MS = 200;
/** A user with so many under way waits; an outage must not become a flood. */
const OUTSTANDING_MAX = 40;
/** More than what an old primary may still answer. */
const FLOWING = 20;
/** The lease lasts 20 s, and an election follows. */
const FLOW_TIMEOUT_MS = 60_000;

export interface Writers extends AsyncDisposable {
  /** When each message was acknowledged, epoch ms, by its key. */
  readonly acknowledged: ReadonlyMap<string, number>;
  /** Longest time between two acknowledgements in this time, its edges included. */
  longestGapMs(fromMs: number, toMs: number): number;
  acknowledgedWithin(fromMs: number, toMs: number): number;
  /** Acknowledged keys that a database member does not hold, by member. */
  missingRows(): Promise<Readonly<Record<string, readonly string[]>>>;
}

const ackSchema = z.tuple([z.literal('ack'), z.string(), z.number(), z.number()]);

export async function startWriters(cluster: Cluster): Promise<Writers> {
  const users = Array.from({ length: USERS }, (_, index) => index + 1);
  await cluster.prepareChat([{ id: CHANNEL, members: users }]);
  const ca = await readFile(cluster.caFile, 'utf8');
  const acknowledged = new Map<string, number>();
  const stop = new AbortController();
  const running = users.map((user) =>
    write({ cluster, ca, user, acknowledged, stop: stop.signal }),
  );
  const times = () => [...acknowledged.values()].sort((a, b) => a - b);
  return {
    acknowledged,
    longestGapMs(fromMs, toMs) {
      const inside = times().filter((atMs) => atMs >= fromMs && atMs <= toMs);
      const edges = [fromMs, ...inside, toMs];
      return Math.max(...edges.map((atMs, index) => atMs - (edges[index - 1] ?? fromMs)));
    },
    acknowledgedWithin: (fromMs, toMs) =>
      times().filter((atMs) => atMs >= fromMs && atMs <= toMs).length,
    async missingRows() {
      const keys = [...acknowledged.keys()];
      const entries = await Promise.all(
        cluster.servers
          .filter(({ role }) => role === 'db')
          .map(async ({ id, address }) => {
            const held = await readKeys(cluster, address);
            return [id, keys.filter((key) => !held.has(key))] as const;
          }),
      );
      return Object.fromEntries(entries);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(running);
    },
  };
}

interface Writer {
  readonly cluster: Cluster;
  readonly ca: string;
  readonly user: number;
  readonly acknowledged: Map<string, number>;
  readonly stop: AbortSignal;
}

/** One user, from edge to edge until stopped. */
async function write({ cluster, ca, user, acknowledged, stop }: Writer): Promise<void> {
  const token = await signToken(cluster.secrets.tokenSecret, user, 3_600);
  /** Key → when it was last sent, epoch ms. */
  const outstanding = new Map<string, number>();
  let count = 0;
  for (let turn = user; !stop.aborted; turn++) {
    const edge = cluster.edges[turn % cluster.edges.length] ?? '';
    const socket = new WebSocket(`${edge}${CHAT_PATH}`, {
      ca,
      headers: { authorization: `Bearer ${token}` },
      handshakeTimeout: SILENT_MS,
    });
    socket.on('error', () => undefined);
    let heardMs = Date.now();
    socket.on('message', (text: Buffer) => {
      heardMs = Date.now();
      const ack = ackSchema.safeParse(JSON.parse(text.toString('utf8'))).data;
      if (ack === undefined) return;
      const [, key] = ack;
      outstanding.delete(key);
      if (!acknowledged.has(key)) acknowledged.set(key, heardMs);
    });
    // What was on its way on the last socket is sent again on this one.
    for (const key of outstanding.keys()) outstanding.set(key, 0);
    while (!stop.aborted && socket.readyState !== WebSocket.CLOSED) {
      await pause(SEND_EVERY_MS);
      const nowMs = Date.now();
      if (socket.readyState !== WebSocket.OPEN) continue;
      if (outstanding.size < OUTSTANDING_MAX) outstanding.set(`user-${user}-${++count}`, 0);
      for (const [key, sentMs] of outstanding) {
        if (nowMs - sentMs < RETRY_MS) continue;
        outstanding.set(key, nowMs);
        socket.send(encodeFrame(['send', key, CHANNEL, `the body of ${key}`]));
      }
      if (nowMs - heardMs > SILENT_MS) break;
    }
    socket.terminate();
    if (!stop.aborted) await pause(RECONNECT_MS);
  }
}

async function readKeys(cluster: Cluster, host: string): Promise<ReadonlySet<string>> {
  const client = new pg.Client({ host, ...cluster.secrets.database });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ key: string }>('select key from messages');
    return new Set(rows.map(({ key }) => key));
  } finally {
    await client.end();
  }
}

/** Until messages are acknowledged again: not only stragglers of before. */
export const awaitFlow = (writers: Writers, signal: AbortSignal): Promise<string> => {
  const before = writers.acknowledged.size;
  return awaitCondition(
    () => {
      const more = writers.acknowledged.size - before;
      return { met: more >= FLOWING, seen: `${more} acknowledged` };
    },
    {
      what: `${FLOWING} more messages to be acknowledged`,
      timeoutMs: FLOW_TIMEOUT_MS,
      everyMs: 25,
      signal,
    },
  );
};
