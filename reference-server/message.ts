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
  /** StoredPlace in its channel: 1, 2, 3, … without gaps. */
  readonly sequence: number;
}

/** Where the database put a draft; `conflict`: its key belongs to another message. */
export interface StoredPlace {
  readonly sequence: number;
  readonly conflict: boolean;
}

/** What became of drafts, whose places come in their order. */
export function messagesOf(
  drafts: readonly Draft[],
  places: readonly StoredPlace[],
): { readonly messages: readonly Message[]; readonly conflicts: readonly Draft[] } {
  const messages: Message[] = [];
  const conflicts: Draft[] = [];
  drafts.forEach((draft, index) => {
    const place = places[index];
    if (place === undefined || place.conflict) conflicts.push(draft);
    else messages.push({ ...draft, sequence: place.sequence });
  });
  return { messages, conflicts };
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
