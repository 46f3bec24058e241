/**
 * Everything the server reads from the database. Replicas serve it; the
 * primary is asked when they cannot, or when the caller needs the newest truth.
 *
 * What a replica shows has been flushed there, so with a synchronous quorum of
 * one replica it is as durable as an acknowledged message; it may be older
 * than what the primary has. Callers that know of something newer ask again.
 *
 * Look-ups of many users and channels within a few milliseconds share a query.
 */
import pg from 'pg';
import type { Logger } from 'pino';
import { createBatchLoader } from './batch-loader.ts';
import type { Message } from './message.ts';
import type { Metrics } from './metrics.ts';
import type { HistoryEntry } from './protocol.ts';

export type Source = 'replica' | 'primary';

/**
 * Messages of one channel a query returns at most; the caller asks on from the last one. Even
 * with the longest bodies (12 KB as UTF-8) a page stays well below a socket's backpressure limit.
 */
export const PAGE_MESSAGES = 50;

/** Short against a catch-up, long against a query. */
const BATCH_WINDOW_MS = 5;
/** Nobody feels it at a login; of users who come back by hundreds a second, several share a query. */
const LOGIN_WINDOW_MS = 20;
const BATCH_SIZE_MAX = 500;

export interface ReadsOptions {
  readonly replicaUrl: string;
  readonly primaryUrl: string;
  readonly connections: number;
  readonly timeoutMs: number;
  readonly applicationName: string;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export interface Place {
  readonly channel: number;
  /** The sequence after which messages are wanted. */
  readonly after: number;
}

/**
 * Every method rejects when neither source could serve it. A method with a
 * `source` asks there first, and at the primary if a replica fails.
 */
export interface Reads extends AsyncDisposable {
  /** A user's channels; empty for a user nobody put anywhere. */
  channelsOf(user: number): Promise<readonly number[]>;
  /** The sequence of a channel's newest message; 0 when it has none. */
  head(source: Source, channel: number): Promise<number>;
  /** Those of the channels whose head is beyond `after`, with that head as `after`. */
  newerHeads(places: readonly Place[]): Promise<readonly Place[]>;
  /** The first messages after a place, in order; at most `PAGE_MESSAGES`. */
  messagesAfter(source: Source, place: Place): Promise<readonly Message[]>;
  /** Messages with a sequence in [before − limit, before), newest last. */
  history(
    source: Source,
    channel: number,
    before: number,
    limit: number,
  ): Promise<readonly HistoryEntry[]>;
}

// Sequences are bigint; as float8 they arrive as numbers, exact up to 2^53.
const CHANNELS_OF = `
  select member, array_agg(channel order by channel) as channels
  from members where member = any ($1::int[]) group by member`;
const HEADS = `select id, head::float8 as head from channels where id = any ($1::int[])`;
const NEWER_HEADS = `
  select c.id as channel, c.head::float8 as after
  from unnest($1::int[], $2::bigint[]) as known (id, head)
  join channels c on c.id = known.id where c.head > known.head`;
const MESSAGES_AFTER = `
  select w.place::int as place, m.channel, m.sequence::float8 as sequence, m.key, m.author, m.body
  from unnest($1::int[], $2::bigint[]) with ordinality as w (channel, after, place)
  cross join lateral (
    select * from messages where channel = w.channel and sequence > w.after
    order by sequence limit ${PAGE_MESSAGES}
  ) m
  order by w.place, m.sequence`;
const HISTORY = `
  select sequence::float8 as sequence, key, author, body from messages
  where channel = $1 and sequence < $2::bigint and sequence >= $2::bigint - $3::int
  order by sequence`;

export function createReads(options: ReadsOptions): Reads {
  const openPool = (url: string, max: number) => {
    const pool = new pg.Pool({
      connectionString: url,
      max,
      application_name: options.applicationName,
      connectionTimeoutMillis: options.timeoutMs,
      // After a failed query, one that timed out included, pg-pool throws its connection away.
      query_timeout: options.timeoutMs,
      idleTimeoutMillis: 60_000,
    });
    // An idle connection broke. The pool has dropped it already.
    pool.on('error', (error) =>
      options.log.debug({ error: error.message }, 'read connection lost'),
    );
    return pool;
  };
  const pools = {
    replica: openPool(options.replicaUrl, options.connections),
    primary: openPool(options.primaryUrl, Math.max(2, Math.ceil(options.connections / 2))),
  };

  async function query<Row extends pg.QueryResultRow>(
    source: Source,
    text: string,
    values: readonly unknown[],
  ): Promise<readonly Row[]> {
    if (source === 'replica') {
      try {
        return (await pools.replica.query<Row>(text, [...values])).rows;
      } catch (error) {
        options.metrics.readFallbacks.inc();
        options.log.debug({ error: String(error) }, 'a replica could not serve a read');
      }
    }
    return (await pools.primary.query<Row>(text, [...values])).rows;
  }

  /** Undefined for a user whose channels could not be looked up. */
  async function loadChannels(users: readonly number[]) {
    type Row = { member: number; channels: readonly number[] };
    const found = new Map<number, readonly number[]>();
    const load = async (source: Source, wanted: readonly number[]) => {
      const rows = await query<Row>(source, CHANNELS_OF, [wanted]);
      for (const row of rows) found.set(row.member, row.channels);
    };
    await load('replica', users);
    // A user unknown to a replica may have been added a moment ago.
    const unknown = users.filter((user) => !found.has(user));
    let isCertain = true;
    if (unknown.length > 0) {
      // Those who were found shall not suffer from a primary that is away.
      await load('primary', unknown).catch(() => (isCertain = false));
    }
    return users.map((user) => found.get(user) ?? (isCertain ? [] : undefined));
  }

  async function loadHeads(source: Source, channels: readonly number[]) {
    const rows = await query<{ id: number; head: number }>(source, HEADS, [channels]);
    const heads = new Map(rows.map((row) => [row.id, row.head]));
    return channels.map((channel) => heads.get(channel) ?? 0);
  }

  async function loadMessages(source: Source, places: readonly Place[]) {
    const rows = await query<Message & { place: number }>(source, MESSAGES_AFTER, [
      places.map((place) => place.channel),
      places.map((place) => place.after),
    ]);
    const pages: Message[][] = places.map(() => []);
    for (const { place, ...message } of rows) pages[place - 1]?.push(message);
    return pages;
  }

  const batched = <Key, Value>(
    load: (keys: readonly Key[]) => Promise<readonly Value[]>,
    windowMs = BATCH_WINDOW_MS,
  ) => createBatchLoader({ windowMs, sizeMax: BATCH_SIZE_MAX, load });
  const fromEither = <Key, Value>(
    load: (source: Source, keys: readonly Key[]) => Promise<readonly Value[]>,
  ) => {
    const loaders = {
      replica: batched((keys: readonly Key[]) => load('replica', keys)),
      primary: batched((keys: readonly Key[]) => load('primary', keys)),
    };
    return (source: Source, key: Key) => loaders[source](key);
  };

  const channelsOf = batched(loadChannels, LOGIN_WINDOW_MS);
  return {
    async channelsOf(user) {
      const channels = await channelsOf(user);
      if (channels === undefined)
        throw new Error(`no replica knows user ${user}, no primary answered`);
      return channels;
    },
    head: fromEither(loadHeads),
    messagesAfter: fromEither(loadMessages),
    newerHeads: (places) =>
      query<{ channel: number; after: number }>('replica', NEWER_HEADS, [
        places.map((place) => place.channel),
        places.map((place) => place.after),
      ]),
    async history(source, channel, before, limit) {
      const rows = await query<Omit<Message, 'channel'>>(source, HISTORY, [channel, before, limit]);
      return rows.map((row) => [row.sequence, row.key, row.author, row.body] as const);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([pools.replica.end(), pools.primary.end()]);
    },
  };
}
