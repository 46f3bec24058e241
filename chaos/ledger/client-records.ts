/**
 * What all client ledgers of a run say together: one table of messages, and
 * lists of connections, receipts and lags. Lists are flat integers with a
 * fixed number of fields an entry, because a run has a hundred thousand of them.
 */
import { BUCKETS_MAX } from '../../scenarios/delivery-times.ts';
import { growableIntegers, type GrowableIntegers } from './growable.ts';
import { createMessages, type Messages } from './messages.ts';

/** `[atMs, user, change]`, change 1 or −1, in each shard's order. */
export const CONNECTION_FIELDS = 3;
/** `[user, channel, from, to, duplicates, reordered, shard, line]`, one `R` line each. */
export const RECEIPT_FIELDS = 8;
/** `[intendedMs, lagMs]`. */
export const SEND_LAG_FIELDS = 2;
/** `[atMs, lagMs, virtual user, shard]`; the loop stood still until `atMs`. */
export const LOOP_LAG_FIELDS = 4;
/** `[message, atMs]`. */
export const RESEND_FIELDS = 2;
/** `[message, atMs, tookMs]`: it was answered `busy`, so long after it was sent last. */
export const BUSY_FIELDS = 3;
/** `[user, channel, known, from, to, digest, shard, line]`, one `H` line each, in each user's order. */
export const HISTORY_READ_FIELDS = 8;

/** `[user, channel, digest, shard, line]`, one `V` line each. */
export const HEARD_FIELDS = 5;

export interface ClientRecords {
  readonly messages: Messages;
  readonly connections: GrowableIntegers;
  readonly receipts: GrowableIntegers;
  /** Lags of virtual users' event loops, the worse ones. */
  readonly loopLags: GrowableIntegers;
  /** Intended time and lateness of first attempts that nothing but the generator could delay. */
  readonly sendLags: GrowableIntegers;
  /** Messages that were sent again without an answer to the attempt before: ambiguous until then. */
  readonly resends: GrowableIntegers;
  /** Messages that the service did not take. */
  readonly busy: GrowableIntegers;
  /** What answers to history requests showed. */
  readonly historyReads: GrowableIntegers;
  /** What listeners were shown in their channels. */
  readonly heard: GrowableIntegers;
  /** Requests for history that were never answered. */
  unansweredReads: number;
  /** `user * 2^32 + channel` of members that saw a gap and asked for what was missing. */
  readonly resumed: Set<number>;
  /** `user * 2^32 + channel`: deliveries of channels the user is no member of. */
  readonly strangers: Set<number>;
  /** Deliveries to users who listen, by the bucket of their time (`scenarios/delivery-times.ts`). */
  readonly deliveryTimes: Float64Array;
  /** How often each user connected. */
  readonly connects: Int32Array;
  /** Channels in which a message was sent more than once. */
  readonly resentIn: Set<number>;
  /** `E` lines by their code. */
  readonly errors: Map<number, number>;
  /** `S` lines whose intended time is not the schedule's. */
  scheduleMismatches: number;
}

export const createClientRecords = (users: number): ClientRecords => ({
  messages: createMessages(users),
  connections: growableIntegers(),
  receipts: growableIntegers(),
  loopLags: growableIntegers(),
  sendLags: growableIntegers(),
  resends: growableIntegers(),
  busy: growableIntegers(),
  historyReads: growableIntegers(),
  heard: growableIntegers(),
  unansweredReads: 0,
  resumed: new Set(),
  strangers: new Set(),
  deliveryTimes: new Float64Array(BUCKETS_MAX),
  connects: new Int32Array(users),
  resentIn: new Set(),
  errors: new Map(),
  scheduleMismatches: 0,
});

/** One number for a user in a channel. */
export const memberKey = (user: number, channel: number): number => user * 0x1_0000_0000 + channel;
