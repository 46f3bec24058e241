/**
 * Brings one socket level with a channel: sends what it missed, in order, and
 * subscribes it in the very tick in which it has everything the channel's feed
 * has published. So nothing falls between the two, and nothing comes twice.
 *
 * A socket may know more than this server: it was connected elsewhere, and the
 * replica asked here lags. Then the primary says whether that is so, and the
 * join waits until the feed has published as much.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Connection } from './connection.ts';
import type { Feeds, OpenFeed } from './feeds.ts';
import { messageFrame, type Message } from './message.ts';
import type { Metrics } from './metrics.ts';
import { encodeFrame } from './protocol.ts';
import { PAGE_MESSAGES, type Reads, type Source } from './reads.ts';

/** Between attempts while no database answers. */
const BACK_OFF_MS = 200;

/** A join that takes longer is worth a line: clients lose patience in tens of seconds. */
const SLOW_MS = 5_000;

export interface JoinOptions {
  readonly feeds: Feeds;
  readonly reads: Reads;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export interface Join {
  readonly channel: number;
  /** Ends the join, or the subscription it has become. */
  cancel(): void;
}

/** What is left of a join once the socket is level: all that its user costs while nothing happens. */
class ChannelJoin implements Join {
  readonly channel: number;
  readonly connection: Connection;
  feed: OpenFeed;
  private isCancelled = false;

  constructor(connection: Connection, channel: number, feed: OpenFeed) {
    this.connection = connection;
    this.channel = channel;
    this.feed = feed;
  }

  get isOver(): boolean {
    return this.isCancelled || !this.connection.isOpen;
  }

  /** The feed could not start: another try. */
  reopen(feeds: Feeds): void {
    this.feed = feeds.open(this.channel);
    if (this.isCancelled) this.feed.close();
  }

  cancel(): void {
    if (this.isCancelled) return;
    this.isCancelled = true;
    this.feed.close();
    this.connection.unsubscribe(this.channel);
  }
}

export function startJoin(
  options: JoinOptions,
  connection: Connection,
  channel: number,
  after: number,
): Join {
  const join = new ChannelJoin(connection, channel, options.feeds.open(channel));
  void bringLevel(options, join, after);
  return join;
}

async function bringLevel(
  { feeds, reads, metrics, log }: JoinOptions,
  join: ChannelJoin,
  after: number,
): Promise<void> {
  const { connection, channel } = join;
  let position = after;
  let source: Source = 'replica';

  function deliver(messages: readonly Message[]): void {
    for (const message of messages) {
      connection.sendAlong(messageFrame(message));
      position = message.sequence;
    }
    metrics.deliveries.inc(messages.length);
  }

  async function awaitStart(): Promise<void> {
    try {
      await join.feed.started;
    } catch (error) {
      join.feed.close();
      await wait(BACK_OFF_MS);
      join.reopen(feeds);
      throw error;
    }
  }

  async function confirmPosition(): Promise<void> {
    const head = await reads.head('primary', channel);
    if (head < position) {
      log.info(
        { user: connection.user, channel, position, head },
        'joined beyond the newest message',
      );
      position = head;
    }
    await join.feed.reach(position);
  }

  async function deliverStored(published: number): Promise<void> {
    const page = await reads.messagesAfter(source, { channel, after: position });
    const missed = page.filter(
      ({ sequence }, index) => sequence === position + 1 + index && sequence <= published,
    );
    if (join.isOver) return;
    deliver(missed);
    if (missed.length > 0) return;
    // The replica lags behind what was published: the primary has it.
    if (source === 'primary') await wait(BACK_OFF_MS);
    source = 'primary';
  }

  /** One step nearer; true when the socket is level and subscribed. */
  async function step(): Promise<boolean> {
    const { published } = join.feed;
    if (published === undefined) {
      await awaitStart();
      return false;
    }
    if (position === published) {
      connection.subscribe(channel);
      // Most users are level with all their channels in one turn.
      connection.sendAlong(encodeFrame(['joined', channel, published]));
      return true;
    }
    if (position > published) {
      await confirmPosition();
      return false;
    }
    const kept = join.feed.recentAfter(position);
    if (kept === undefined) {
      await connection.drained();
      await deliverStored(published);
      return false;
    }
    deliver(kept.slice(0, PAGE_MESSAGES));
    if (kept.length > PAGE_MESSAGES) await connection.drained();
    // The steps up to here ran in one tick: level, unless there is another page.
    return false;
  }

  metrics.joinsPending.inc();
  const beganMs = performance.now();
  let isLevel = false;
  while (!isLevel && !join.isOver) {
    try {
      isLevel = await step();
    } catch (error) {
      log.debug({ channel, error: String(error) }, 'join waits for a database');
      await wait(BACK_OFF_MS);
    }
  }
  metrics.joinsPending.dec();
  const tookMs = Math.round(performance.now() - beganMs);
  if (tookMs > SLOW_MS) log.warn({ user: connection.user, channel, isLevel, tookMs }, 'slow join');
}
