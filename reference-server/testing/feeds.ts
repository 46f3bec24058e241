/** Reads and feeds over test databases, with a channel 1 whose messages are known. */
import pino from 'pino';
import type { Connection } from '../connection.ts';
import { createFeeds } from '../feeds.ts';
import { startJoin } from '../join.ts';
import type { Message } from '../message.ts';
import { createMetrics } from '../metrics.ts';
import { createReads, type Reads } from '../reads.ts';
import type { TestDatabase } from './database.ts';

const log = pino({ level: 'silent' });
export const message = (sequence: number): Message => ({
  channel: 1,
  sequence,
  key: `k${sequence}`,
  author: 0,
  body: `line ${sequence}`,
});

/** Puts messages 1 … `head` of channel 1 into a database. */
export const fill = ({ query }: TestDatabase, head: number) =>
  query(
    `with stored as (
       insert into messages (key, channel, sequence, author, body)
       select 'k' || n, 1, n, 0, 'line ' || n from generate_series(1, $1::int) n
       on conflict do nothing
     )
     update channels set head = $1::int where id = 1`,
    [head],
  );

export function openReads(replicaUrl: string, primaryUrl: string) {
  const metrics = createMetrics();
  const reads = createReads({
    replicaUrl,
    primaryUrl,
    connections: 2,
    timeoutMs: 1_000,
    applicationName: 'test reads',
    metrics,
    log,
  });
  return { reads, metrics };
}

/** Feeds whose output is recorded; `catchUpIntervalMs` is long unless the test is about it. */
export function openFeeds(reads: Reads, catchUpIntervalMs = 60_000) {
  const metrics = createMetrics();
  const subscribers = new Map<Connection, string[]>();
  const published: Message[] = [];
  const feeds = createFeeds({
    reads,
    publish(_channel, frame) {
      for (const frames of subscribers.values()) frames.push(frame);
      const [, channel, sequence, key, author, body] = JSON.parse(frame) as [
        string,
        number,
        number,
        string,
        number,
        string,
      ];
      published.push({ channel, sequence, key, author, body });
      return subscribers.size;
    },
    gapPatienceMs: 20,
    catchUpIntervalMs,
    recentMessagesMax: 1_000,
    metrics,
    log,
  });
  /** Joins channel 1 and records what the socket would be sent. */
  function join(after: number) {
    const frames: string[] = [];
    const connection: Connection = {
      user: 0,
      address: '127.0.0.1',
      isOpen: true,
      send: (frame) => void frames.push(frame),
      sendAlong: (frame) => void frames.push(frame),
      subscribe: () => void subscribers.set(connection, frames),
      unsubscribe: () => void subscribers.delete(connection),
      drained: () => Promise.resolve(),
      end: () => undefined,
    };
    const joined = startJoin({ feeds, reads, metrics, log }, connection, 1, after);
    const kinds = () => frames.map((frame) => JSON.parse(frame) as [string, number, number]);
    return {
      [Symbol.dispose]: () => joined.cancel(),
      /** Sequences received, in order. */
      received: () => kinds().flatMap(([kind, , at]) => (kind === 'message' ? [at] : [])),
      /** The head it was told it is level with. */
      joinedAt: () => kinds().find(([kind]) => kind === 'joined')?.[2],
    };
  }
  return { feeds, published, join };
}
