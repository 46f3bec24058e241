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

export function createChannelFeed(channel: number): ChannelFeed {
  const ahead = new Map<number, Message>();
  let published: number | undefined;
  let known = 0;

  function release(): readonly Message[] {
    const leaving: Message[] = [];
    while (published !== undefined && ahead.size > 0) {
      const message = ahead.get(published + 1);
      if (message === undefined) break;
      ahead.delete(message.sequence);
      published = message.sequence;
      leaving.push(message);
    }
    return leaving;
  }

  return {
    channel,
    get published() {
      return published;
    },
    get known() {
      return known;
    },
    get isBehind() {
      return published !== undefined && published < known;
    },
    start(head) {
      if (published !== undefined) throw new Error(`the feed of channel ${channel} has started`);
      published = head;
      known = Math.max(known, head);
      for (const sequence of ahead.keys()) if (sequence <= head) ahead.delete(sequence);
      return release();
    },
    offer(message) {
      known = Math.max(known, message.sequence);
      if (published !== undefined && message.sequence <= published) return [];
      // The next one must always get in, or a full feed could never move on.
      if (ahead.size < AHEAD_MAX || message.sequence === (published ?? 0) + 1) {
        ahead.set(message.sequence, message);
      }
      return release();
    },
    learn(head) {
      known = Math.max(known, head);
    },
  };
}
