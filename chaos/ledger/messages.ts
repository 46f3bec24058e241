/**
 * Every message of a run as one table, a column a property: what users sent
 * and what was acknowledged. A million messages cost 36 MB and are walked in
 * milliseconds.
 *
 * Message `n` of user `u` has the number `n * users + u`, so that a key read
 * from a database row leads to its line without any look-up. Times count in
 * milliseconds from the ledgers' common base.
 */
import { enlargeIntegers } from './growable.ts';

/** Stands in a time or line column for "never". */
export const NEVER = -1;
/** Bounds the tables to about 2.4 GB; a corrupt line must not ask for more. */
const MESSAGES_MAX = 1 << 26;

export interface Messages {
  readonly users: number;
  /** How many messages of each user there is room for. */
  layers: number;
  channel: Int32Array;
  /** When its user meant to send it, as the generator says. */
  intendedMs: Int32Array;
  firstSentMs: Int32Array;
  sentLine: Int32Array;
  attempts: Int32Array;
  acknowledgedMs: Int32Array;
  acknowledgedLine: Int32Array;
  /** How often it had been sent when it was acknowledged. */
  attemptsBefore: Int32Array;
  sequence: Int32Array;
}

export function createMessages(users: number): Messages {
  const never = (): Int32Array => new Int32Array(users).fill(NEVER);
  return {
    users,
    layers: 1,
    channel: new Int32Array(users),
    intendedMs: never(),
    firstSentMs: never(),
    sentLine: never(),
    attempts: new Int32Array(users),
    acknowledgedMs: never(),
    acknowledgedLine: never(),
    attemptsBefore: new Int32Array(users),
    sequence: new Int32Array(users),
  };
}

/** Makes room for message `n` of every user; false when that is out of all bounds. */
export function reserveMessages(messages: Messages, n: number): boolean {
  if (n < messages.layers) return true;
  if ((n + 1) * messages.users > MESSAGES_MAX) return false;
  const layers = Math.min(
    Math.max(n + 1, messages.layers * 2),
    Math.floor(MESSAGES_MAX / messages.users),
  );
  const capacity = layers * messages.users;
  messages.layers = layers;
  messages.channel = enlargeIntegers(messages.channel, capacity, 0);
  messages.intendedMs = enlargeIntegers(messages.intendedMs, capacity, NEVER);
  messages.firstSentMs = enlargeIntegers(messages.firstSentMs, capacity, NEVER);
  messages.sentLine = enlargeIntegers(messages.sentLine, capacity, NEVER);
  messages.attempts = enlargeIntegers(messages.attempts, capacity, 0);
  messages.acknowledgedMs = enlargeIntegers(messages.acknowledgedMs, capacity, NEVER);
  messages.acknowledgedLine = enlargeIntegers(messages.acknowledgedLine, capacity, NEVER);
  messages.attemptsBefore = enlargeIntegers(messages.attemptsBefore, capacity, 0);
  messages.sequence = enlargeIntegers(messages.sequence, capacity, 0);
  return true;
}

export const messageCount = (messages: Messages): number => messages.layers * messages.users;
export const userOf = (messages: Messages, message: number): number => message % messages.users;
export const ordinalOf = (messages: Messages, message: number): number =>
  Math.floor(message / messages.users);

export const wasSent = (messages: Messages, message: number): boolean =>
  messages.firstSentMs[message] !== NEVER;
export const wasAcknowledged = (messages: Messages, message: number): boolean =>
  messages.acknowledgedMs[message] !== NEVER;
