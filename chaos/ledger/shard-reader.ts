/**
 * What the records of one shard say, one after the other, put into the records
 * of the run. Lines of one user have to come in the order in which they
 * happened.
 */
import { ERRORS } from '../../reference-server/protocol.ts';
import { ERROR_CODES, type ClientLedgerHeader } from '../../scenarios/client-ledger.ts';
import { BUCKETS_MAX } from '../../scenarios/delivery-times.ts';
import { intendedAtMs } from '../../scenarios/schedule.ts';
import { memberKey, type ClientRecords } from './client-records.ts';
import { NEVER, reserveMessages } from './messages.ts';
import {
  ACKNOWLEDGED,
  CLOSED,
  CONNECTED,
  DELIVERY_TIMES,
  FINISHED,
  GAP,
  HEARD,
  HISTORY,
  LOOP_LAG,
  READER_DONE,
  RECEIVED,
  SENT,
} from './record-letters.ts';

const BUSY = ERROR_CODES.indexOf('busy');
const UNCONFIRMED = ERROR_CODES.indexOf('unconfirmed');

/** Errors after which the user gives the message up: it waits for no answer any more. */
const GIVEN_UP = new Set(
  ERROR_CODES.flatMap((code, index) => (code !== 'unknown' && !ERRORS[code].retry ? [index] : [])),
);

export interface ShardReader {
  /** Takes one record; returns what is wrong with it, or ''. */
  take(letter: number, values: Int32Array, line: number): string;
  finished(): {
    readonly finishedVirtualUsers: number;
    readonly finishedUsers: number;
    readonly readersDone: number;
  };
}

export function shardReader(
  header: ClientLedgerHeader,
  records: ClientRecords,
  baseMs: number,
): ShardReader {
  const { messages } = records;
  const { users } = messages;
  const shiftMs = header.epochMs - baseMs;
  const lastUser = header.firstUser + header.users - 1;
  /** Since when a user has been connected with nothing under way; NEVER while it is not. */
  const connected = new Uint8Array(header.users);
  const underWay = new Int32Array(header.users);
  const idleSinceMs = new Int32Array(header.users);
  /** 1: the service answered the last attempt of the message under way with a definite error. */
  const refused = new Uint8Array(header.users);
  const lastSentMs = new Int32Array(header.users);
  const finished = new Set<number>();
  /** Reader → answers; those that are done. */
  const answers = new Map<number, number>();
  const readersDone = new Set<number>();
  /** Buckets of delivery times that were counted, by virtual user. */
  const buckets = new Set<number>();
  /** Listeners' channels that were told of. */
  const heardIn = new Set<number>();
  let finishedUsers = 0;

  function send(atMs: number, user: number, values: Int32Array, line: number): string {
    // By their places: taking them apart costs more than reading them, for every line.
    const [n, channel] = [values[2] as number, values[3] as number];
    const [intended, attempt] = [values[4] as number, values[5] as number];
    if (n < 0 || attempt < 1 || !reserveMessages(messages, n)) return 'is out of bounds';
    const message = n * users + user;
    const self = user - header.firstUser;
    lastSentMs[self] = atMs;
    if (messages.firstSentMs[message] !== NEVER) {
      if (messages.channel[message] !== channel) return 'sends a message to another channel';
      records.resentIn.add(channel);
      messages.attempts[message] = attempt;
      if (refused[self] === 0) {
        records.resends.push(message);
        records.resends.push(atMs);
      }
      refused[self] = 0;
      return '';
    }
    refused[self] = 0;
    messages.firstSentMs[message] = atMs;
    messages.sentLine[message] = line;
    messages.channel[message] = channel;
    messages.attempts[message] = attempt;
    // Ahead of its time a message may be meant (a volley), within its interval; later never.
    // A millisecond of slack: the generator rounds to its own epoch.
    const aheadMs = intendedAtMs(header, user, n) - (header.epochMs + intended);
    if (aheadMs < -1 || aheadMs > header.intervalMs) records.scheduleMismatches++;
    const dueMs = intended + shiftMs;
    messages.intendedMs[message] = dueMs;
    if (connected[self] === 1 && underWay[self] === 0 && (idleSinceMs[self] as number) <= dueMs) {
      records.sendLags.push(dueMs);
      records.sendLags.push(atMs - dueMs);
    }
    underWay[self] = (underWay[self] as number) + 1;
    return '';
  }

  function acknowledge(atMs: number, user: number, values: Int32Array, line: number): string {
    const [n, sequence] = [values[2] as number, values[3] as number];
    const message = n * users + user;
    if (n < 0 || n >= messages.layers || messages.firstSentMs[message] === NEVER) {
      return 'acknowledges a message that was never sent';
    }
    if (messages.acknowledgedMs[message] !== NEVER) return 'acknowledges a message once more';
    if (atMs < (messages.firstSentMs[message] as number)) {
      return 'acknowledges a message before it was sent';
    }
    messages.acknowledgedMs[message] = atMs;
    messages.acknowledgedLine[message] = line;
    messages.sequence[message] = sequence;
    messages.attemptsBefore[message] = messages.attempts[message] as number;
    settle(user - header.firstUser, atMs);
    return '';
  }

  /** `n` −1: not about a message that waits. */
  function answerWithError(atMs: number, user: number, n: number, code: number): void {
    records.errors.set(code, (records.errors.get(code) ?? 0) + 1);
    if (n < 0) return;
    const self = user - header.firstUser;
    // Unconfirmed: as open as without any answer.
    if (code !== UNCONFIRMED) refused[self] = 1;
    if (code === BUSY && n < messages.layers) {
      records.busy.push(n * users + user);
      records.busy.push(atMs);
      records.busy.push(atMs - (lastSentMs[self] as number));
    }
    if (GIVEN_UP.has(code)) settle(self, atMs);
  }

  function settle(self: number, atMs: number): void {
    underWay[self] = Math.max(0, (underWay[self] as number) - 1);
    idleSinceMs[self] = atMs;
  }

  function change(atMs: number, user: number, to: 0 | 1): void {
    const self = user - header.firstUser;
    // A socket that never opened may close: that is no change.
    if (connected[self] === to) return;
    connected[self] = to;
    idleSinceMs[self] = atMs;
    records.connections.push(atMs);
    records.connections.push(user);
    records.connections.push(to === 1 ? 1 : -1);
  }

  function receive(user: number, values: Int32Array, line: number): void {
    records.receipts.push(user);
    for (let field = 2; field < 7; field++) records.receipts.push(values[field] as number);
    records.receipts.push(header.shard);
    records.receipts.push(line);
  }

  function show(user: number, values: Int32Array, line: number): void {
    records.historyReads.push(user);
    for (let field = 2; field < 7; field++) records.historyReads.push(values[field] as number);
    records.historyReads.push(header.shard);
    records.historyReads.push(line);
    answers.set(user, (answers.get(user) ?? 0) + 1);
  }

  /** The reader's own count: a line of its that is gone is missed. */
  function readerDone(user: number, values: Int32Array): string {
    const [, , asked = 0, answered = 0] = values;
    if (readersDone.has(user)) return 'counts the answers of a reader once more';
    readersDone.add(user);
    records.unansweredReads += Math.max(0, asked - answered);
    const agrees = answered === (answers.get(user) ?? 0) && asked >= answered;
    return agrees ? '' : 'counts other answers than this reader has lines';
  }

  function hear(user: number, values: Int32Array, line: number): string {
    const [, , channel = 0, digest = 0] = values;
    const member = memberKey(user, channel);
    if (heardIn.has(member)) return 'says what a listener heard in a channel once more';
    heardIn.add(member);
    for (const value of [user, channel, digest, header.shard, line]) records.heard.push(value);
    return '';
  }

  function addDeliveries(values: Int32Array): string {
    const [, virtualUser = 0, bucket = 0, count = 0] = values;
    if (bucket >= BUCKETS_MAX) return 'names a bucket that is none';
    const named = virtualUser * BUCKETS_MAX + bucket;
    if (buckets.has(named)) return 'counts a bucket once more';
    buckets.add(named);
    records.deliveryTimes[bucket] = (records.deliveryTimes[bucket] as number) + count;
    return '';
  }

  function take(letter: number, values: Int32Array, line: number): string {
    const atMs = (values[0] as number) + shiftMs;
    const user = values[1] as number;
    if (letter === LOOP_LAG) {
      records.loopLags.push(atMs);
      records.loopLags.push(values[2] as number);
      records.loopLags.push(values[1] as number);
      records.loopLags.push(header.shard);
      return '';
    }
    if (letter === DELIVERY_TIMES) return addDeliveries(values);
    if (letter === FINISHED) {
      // One that finished twice must not stand for another that never did.
      if (finished.has(values[1] as number)) return 'finishes a virtual user once more';
      finished.add(values[1] as number);
      finishedUsers += values[2] as number;
      return '';
    }
    if (user < header.firstUser || user > lastUser) return 'names a user of another shard';
    switch (letter) {
      case SENT:
        return send(atMs, user, values, line);
      case ACKNOWLEDGED:
        return acknowledge(atMs, user, values, line);
      case CONNECTED:
        records.connects[user] = (records.connects[user] as number) + 1;
        change(atMs, user, 1);
        return '';
      case CLOSED:
        change(atMs, user, 0);
        return '';
      case RECEIVED:
        receive(user, values, line);
        return '';
      case HEARD:
        return hear(user, values, line);
      case HISTORY:
        show(user, values, line);
        return '';
      case READER_DONE:
        return readerDone(user, values);
      case GAP: {
        // An expected sequence of 0: the user never joined that channel.
        const seen = values[3] === 0 ? records.strangers : records.resumed;
        seen.add(memberKey(user, values[2] as number));
        return '';
      }
      default:
        answerWithError(atMs, user, values[2] as number, values[3] as number);
        return '';
    }
  }

  return {
    take,
    finished: () => ({
      finishedVirtualUsers: finished.size,
      finishedUsers,
      readersDone: readersDone.size,
    }),
  };
}
