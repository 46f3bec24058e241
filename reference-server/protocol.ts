/**
 * The chat protocol: what travels on a user's socket, as JSON arrays in text
 * frames. Shared by the server, the load scenarios and the tests; it imports
 * nothing, so that k6 can load it too.
 *
 * A user is a number, a channel is a number, a sequence is a message's place
 * in its channel (1, 2, 3, … without gaps, given by the database). A message
 * key is chosen by the client, unique for ever, and the same on every retry.
 */

/** Path of the socket's upgrade request; the token goes into `Authorization: Bearer`. */
export const CHAT_PATH = '/chat';

/** Longest message body in UTF-16 code units. A chat line, not a file. */
export const BODY_LENGTH_MAX = 4000;

/** Longest message key in characters. */
export const KEY_LENGTH_MAX = 100;

/** What a client sends. */
export type ClientFrame =
  /** Receive a channel from `after` on (0: from its beginning). Safe to repeat: it resumes. */
  | readonly ['join', readonly (readonly [channel: number, after: number])[]]
  | readonly ['send', key: string, channel: number, body: string]
  /** Messages with a sequence in (before − limit, before), newest last; `before` 0: the newest. */
  | readonly ['history', request: number, channel: number, before: number, limit: number];

/** What a server sends. */
export type ServerFrame =
  /** First frame after the upgrade: who the token says you are, and your channels. */
  | readonly ['welcome', user: number, channels: readonly number[]]
  /** Everything up to `head` has been delivered on this socket; live from here on. */
  | readonly ['joined', channel: number, head: number]
  /** The message is durable: committed, and replicated by the synchronous quorum. */
  | readonly ['ack', key: string, channel: number, sequence: number]
  | readonly [
      'message',
      channel: number,
      sequence: number,
      key: string,
      author: number,
      body: string,
    ]
  | readonly ['history', request: number, channel: number, messages: readonly HistoryEntry[]]
  /**
   * `retryAfterMs` comes with errors that may be retried: not before that, and later with each
   * refusal in a row. A client that does not know it waits as it likes.
   */
  | readonly ['error', code: ErrorCode, key: string, detail: string, retryAfterMs?: number]
  /** The server is leaving; reconnect elsewhere. */
  | readonly ['bye', reason: string];

export type HistoryEntry = readonly [sequence: number, key: string, author: number, body: string];

/**
 * Every error a client can be told. `definite`: the message was not stored and
 * never will be by this attempt. `retry`: the same frame may succeed later.
 */
export const ERRORS = {
  'bad-frame': { definite: true, retry: false },
  'not-a-member': { definite: true, retry: false },
  'too-long': { definite: true, retry: false },
  /** The key was used before for another channel, author or body. */
  'key-conflict': { definite: true, retry: false },
  /** The queue is full, or the database is away: nothing was taken. Send again after a pause. */
  busy: { definite: true, retry: true },
  'history-unavailable': { definite: true, retry: true },
  /** Too many requests from this user or address: this one was not looked at. */
  'rate-limited': { definite: true, retry: true },
  /** Under way to the database for too long: stored or not, nobody knows yet. Send the same again. */
  unconfirmed: { definite: false, retry: true },
} as const;

export type ErrorCode = keyof typeof ERRORS;

export const encodeFrame = (frame: ClientFrame | ServerFrame): string => JSON.stringify(frame);
