/**
 * A message before and after the database gave it its place, and its frame
 * towards users.
 */
import { encodeFrame } from './protocol.ts';

/** What a user asked to store. */
export interface Draft {
  readonly key: string;
  readonly channel: number;
  readonly author: number;
  readonly body: string;
}

/** Committed, and replicated by the synchronous quorum. */
export interface Message extends Draft {
  /** Place in its channel: 1, 2, 3, … without gaps. */
  readonly sequence: number;
}

export const messageFrame = (message: Message): string =>
  encodeFrame([
    'message',
    message.channel,
    message.sequence,
    message.key,
    message.author,
    message.body,
  ]);
