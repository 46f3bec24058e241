/**
 * The newest messages of all channels, so that a user who was away for a
 * moment is served without a query. One bound for all channels together: a
 * ring remembers the order of arrival, and each message added beyond the
 * capacity pushes out the oldest of all.
 *
 * What is kept of a channel is an unbroken run of sequences.
 */
import type { Message } from './message.ts';

export interface RecentMessages {
  /** `message` must follow the channel's last one, or be its first. */
  add(message: Message): void;
  /** All kept messages after a sequence; undefined if the one right after it is not kept. */
  after(channel: number, sequence: number): readonly Message[] | undefined;
  /** Forgets a channel, so that it may begin again elsewhere. */
  forget(channel: number): void;
}

export function createRecentMessages(capacity: number): RecentMessages {
  const runs = new Map<number, Message[]>();
  const arrivals: Message[] = [];
  let next = 0;

  function evict(oldest: Message | undefined): void {
    if (oldest === undefined) return;
    const run = runs.get(oldest.channel);
    // A channel that was forgotten, and perhaps began again, no longer holds this one.
    if (run?.[0] !== oldest) return;
    run.shift();
    if (run.length === 0) runs.delete(oldest.channel);
  }

  return {
    add(message) {
      evict(arrivals[next]);
      arrivals[next] = message;
      next = (next + 1) % capacity;
      const run = runs.get(message.channel);
      if (run === undefined) runs.set(message.channel, [message]);
      else run.push(message);
    },
    after(channel, sequence) {
      const run = runs.get(channel);
      const first = run?.[0];
      if (run === undefined || first === undefined || first.sequence > sequence + 1)
        return undefined;
      return run.slice(sequence + 1 - first.sequence);
    },
    forget: (channel) => void runs.delete(channel),
  };
}
