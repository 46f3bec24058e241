/**
 * The feeds of all channels that have members on this server: messages come
 * in from this server's commits and from its peers, and go out to each
 * channel's topic in order, each once.
 *
 * Peers are a hint, the database is the truth. A gap that outlasts
 * `gapPatienceMs` is filled from the database, and a periodic comparison of
 * all heads (`catchUp`) finds the messages of which nothing was heard at all.
 */
import type { Logger } from 'pino';
import { createChannelFeed, type ChannelFeed } from './channel-feed.ts';
import { messageFrame, type Message } from './message.ts';
import type { Metrics } from './metrics.ts';
import { PAGE_MESSAGES, type Reads } from './reads.ts';
import { createRecentMessages, type RecentMessages } from './recent-messages.ts';

/** A feed nobody listens to is kept this long, for users who reconnect. */
const UNUSED_FEED_KEPT_MS = 30_000;
/** Channels compared with the database in one query: some 100 KB of numbers. */
const CATCH_UP_CHANNELS = 5_000;

export interface FeedsOptions {
  readonly reads: Reads;
  /** Sends a frame to all sockets subscribed to a channel; returns how many they are. */
  readonly publish: (channel: number, frame: string) => number;
  readonly gapPatienceMs: number;
  readonly catchUpIntervalMs: number;
  readonly recentMessagesMax: number;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** A channel in use by a listener; give it back with `close`. */
export interface OpenFeed {
  /** Everything up to here has gone to the topic; undefined before `started`. */
  readonly published: number | undefined;
  /** Resolves when the feed knows where its channel stands; rejects if nobody could say. */
  readonly started: Promise<void>;
  /** Published messages after a sequence, if they are still in memory. */
  recentAfter(sequence: number): readonly Message[] | undefined;
  /** Someone knows that this sequence exists. Resolves once it has gone to the topic. */
  reach(sequence: number): Promise<void>;
  close(): void;
}

export interface Feeds extends Disposable {
  open(channel: number): OpenFeed;
  offer(messages: readonly Message[]): void;
  /** Compares all heads with the database now. */
  catchUp(): Promise<void>;
}

interface Entry {
  readonly feed: ChannelFeed;
  started: Promise<void>;
  listeners: number;
  unusedSinceMs: number;
  behindSinceMs: number | undefined;
  isFilling: boolean;
  /** Undefined: nobody, as most of the time. */
  waiting: { readonly sequence: number; readonly resolve: () => void }[] | undefined;
}

/** What all listeners share. */
interface House {
  readonly recent: RecentMessages;
  readonly emit: (entry: Entry, messages: readonly Message[]) => void;
}

/** One listener's hold on a channel; there are three for each socket. */
class ListenedFeed implements OpenFeed {
  readonly started: Promise<void>;
  private readonly house: House;
  private readonly entry: Entry;
  private isOpen = true;

  constructor(house: House, entry: Entry) {
    this.house = house;
    this.entry = entry;
    this.started = entry.started;
    entry.listeners += 1;
  }

  get published(): number | undefined {
    return this.entry.feed.published;
  }

  recentAfter(sequence: number): readonly Message[] | undefined {
    return this.house.recent.after(this.entry.feed.channel, sequence);
  }

  reach(sequence: number): Promise<void> {
    const { entry, house } = this;
    if ((entry.feed.published ?? -1) >= sequence) return Promise.resolve();
    return new Promise((resolve) => {
      (entry.waiting ??= []).push({ sequence, resolve });
      entry.feed.learn(sequence);
      house.emit(entry, []);
    });
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.entry.listeners -= 1;
    this.entry.unusedSinceMs = performance.now();
  }
}

export function createFeeds(options: FeedsOptions): Feeds {
  const { reads, metrics, log } = options;
  const entries = new Map<number, Entry>();
  const behind = new Set<Entry>();
  const recent = createRecentMessages(options.recentMessagesMax);

  function emit(entry: Entry, messages: readonly Message[]): void {
    for (const message of messages) {
      recent.add(message);
      metrics.deliveries.inc(options.publish(message.channel, messageFrame(message)));
    }
    const published = entry.feed.published ?? -1;
    if (messages.length > 0 && entry.waiting !== undefined) {
      const reached = entry.waiting.filter((one) => one.sequence <= published);
      const waiting = entry.waiting.filter((one) => one.sequence > published);
      entry.waiting = waiting.length > 0 ? waiting : undefined;
      for (const one of reached) one.resolve();
    }
    if (!entry.feed.isBehind) {
      behind.delete(entry);
      entry.behindSinceMs = undefined;
    } else if (entry.behindSinceMs === undefined) {
      behind.add(entry);
      entry.behindSinceMs = performance.now();
    }
  }

  const house: House = { recent, emit };

  const offer = (messages: readonly Message[]) => {
    for (const message of messages) {
      const entry = entries.get(message.channel);
      if (entry !== undefined) emit(entry, entry.feed.offer(message));
    }
  };

  /** Asks a replica, page by page, and then the primary for what the replica does not have yet. */
  async function fill(entry: Entry): Promise<void> {
    entry.isFilling = true;
    const { feed } = entry;
    try {
      for (const source of ['replica', 'primary'] as const) {
        while (feed.isBehind) {
          const before = feed.published ?? 0;
          const page = await reads.messagesAfter(source, { channel: feed.channel, after: before });
          offer(page);
          metrics.gapsFilled.inc(page.filter(({ sequence }) => sequence > before).length);
          // No progress: this source does not have the next one yet.
          if (page.length < PAGE_MESSAGES || feed.published === before) break;
        }
      }
    } catch (error) {
      log.debug({ channel: feed.channel, error: String(error) }, 'gap not filled yet');
    } finally {
      entry.isFilling = false;
      // Still behind: not before another spell of patience.
      if (entry.behindSinceMs !== undefined) entry.behindSinceMs = performance.now();
    }
  }

  const fillTimer = setInterval(() => {
    const dueMs = performance.now() - options.gapPatienceMs;
    for (const entry of behind) {
      if (!entry.isFilling && (entry.behindSinceMs ?? 0) <= dueMs) void fill(entry);
    }
  }, options.gapPatienceMs / 2);

  function dropUnused(): void {
    const beforeMs = performance.now() - UNUSED_FEED_KEPT_MS;
    for (const [channel, entry] of entries) {
      if (entry.listeners > 0 || entry.unusedSinceMs > beforeMs) continue;
      entries.delete(channel);
      behind.delete(entry);
      recent.forget(channel);
    }
  }

  async function catchUp(): Promise<void> {
    const places = [...entries.values()].flatMap(({ feed: { channel, published, known } }) =>
      published === undefined ? [] : [{ channel, after: Math.max(published, known) }],
    );
    for (let from = 0; from < places.length; from += CATCH_UP_CHANNELS) {
      const newer = await reads.newerHeads(places.slice(from, from + CATCH_UP_CHANNELS));
      for (const { channel, after } of newer) {
        const entry = entries.get(channel);
        entry?.feed.learn(after);
        if (entry !== undefined) emit(entry, []);
      }
    }
  }

  let isCatchingUp = false;
  const catchUpTimer = setInterval(() => {
    dropUnused();
    if (isCatchingUp) return;
    isCatchingUp = true;
    catchUp()
      .catch((error: unknown) => log.warn({ error: String(error) }, 'catch-up failed'))
      .finally(() => (isCatchingUp = false));
  }, options.catchUpIntervalMs);

  async function start(entry: Entry): Promise<void> {
    try {
      emit(entry, entry.feed.start(await reads.head('replica', entry.feed.channel)));
    } catch (error) {
      // The next one to open this channel tries again.
      if (entries.get(entry.feed.channel) === entry) entries.delete(entry.feed.channel);
      throw error;
    }
  }

  function entryOf(channel: number): Entry {
    let entry = entries.get(channel);
    if (entry === undefined) {
      entry = {
        feed: createChannelFeed(channel),
        started: Promise.resolve(),
        listeners: 0,
        unusedSinceMs: 0,
        behindSinceMs: undefined,
        isFilling: false,
        waiting: undefined,
      };
      entries.set(channel, entry);
      entry.started = start(entry);
      // Listeners see the rejection; without any it is nobody's loss.
      entry.started.catch(() => undefined);
    }
    return entry;
  }

  return {
    open: (channel) => new ListenedFeed(house, entryOf(channel)),
    offer,
    catchUp,
    [Symbol.dispose]() {
      clearInterval(fillTimer);
      clearInterval(catchUpTimer);
    },
  };
}
