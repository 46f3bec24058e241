/**
 * Puts the committed messages of one channel into their order: whatever way
 * and however often they arrive, each leaves once, and only after all before
 * it. Pure: no clock, no I/O.
 *
 * A feed that was not told yet where its channel stands holds everything back.
 */
import type { Message } from './message.ts';

/** Messages held back behind a gap; more are left to the database, which has them all. */
export const AHEAD_MAX = 1_000;

export interface ChannelFeed {
  readonly channel: number;
  /** Everything up to here has left the feed; undefined until the feed is started. */
  readonly published: number | undefined;
  /** The highest sequence known to be committed. */
  readonly known: number;
  /** Something known has not left yet. */
  readonly isBehind: boolean;
  /** From where on messages leave. Returns those that were waiting for it. */
  start(head: number): readonly Message[];
  /** Returns the messages that may leave now, in order. */
  offer(message: Message): readonly Message[];
  /** A message with this sequence exists. */
  learn(head: number): void;
}

/** Most of the time nothing is held back: the map is there only while something is. */
class OrderedFeed implements ChannelFeed {
  readonly channel: number;
  published: number | undefined = undefined;
  known = 0;
  private ahead: Map<number, Message> | undefined = undefined;

  constructor(channel: number) {
    this.channel = channel;
  }

  get isBehind(): boolean {
    return this.published !== undefined && this.published < this.known;
  }

  start(head: number): readonly Message[] {
    if (this.published !== undefined) {
      throw new Error(`the feed of channel ${this.channel} has started`);
    }
    this.published = head;
    this.learn(head);
    for (const sequence of this.ahead?.keys() ?? []) {
      if (sequence <= head) this.ahead?.delete(sequence);
    }
    return this.release();
  }

  offer(message: Message): readonly Message[] {
    this.learn(message.sequence);
    if (this.published !== undefined && message.sequence <= this.published) return [];
    this.ahead ??= new Map();
    // The next one must always get in, or a full feed could never move on.
    if (this.ahead.size < AHEAD_MAX || message.sequence === (this.published ?? 0) + 1) {
      this.ahead.set(message.sequence, message);
    }
    return this.release();
  }

  learn(head: number): void {
    this.known = Math.max(this.known, head);
  }

  private release(): readonly Message[] {
    const leaving: Message[] = [];
    while (this.published !== undefined && this.ahead !== undefined) {
      const message = this.ahead.get(this.published + 1);
      if (message === undefined) break;
      this.ahead.delete(message.sequence);
      this.published = message.sequence;
      leaving.push(message);
    }
    if (this.ahead?.size === 0) this.ahead = undefined;
    return leaving;
  }
}

export const createChannelFeed = (channel: number): ChannelFeed => new OrderedFeed(channel);
