/**
 * The client ledger: what users did and saw, written by the load generator
 * while it happens (`ledger/clients-<shard>.log`), read by the checkers.
 *
 * The first line is a JSON header; every other line is one record: a letter,
 * then integers, separated by single blanks. Times are milliseconds since the
 * header's `epochMs`. A torn last line is tolerated by the reader.
 *
 * | line | meaning |
 * |---|---|
 * | `C t user edge ms` | connected (upgraded and all channels joined) to edge number `edge`, `ms` after it began |
 * | `X t user code` | the socket closed; WebSocket close code (1000: by ourselves at the end) |
 * | `S t user n channel intended attempt` | message `n` of the user was sent, the `attempt`-th time (from 1) |
 * | `A t user n sequence` | it was acknowledged with this sequence (first acknowledgement only) |
 * | `E t user n code` | the service answered with an error; `code` is an index into `ERROR_CODES` |
 * | `G t user channel expected got` | a delivery skipped ahead: a gap, asked for again by joining |
 * | `H t user channel known from to digest` | an answer to a request for the newest history: who asked had received everything up to `known`, and was shown `from` … `to` (`1 0`: nothing), with this digest (`history.ts`) |
 * | `Q t user asked answered` | at the end: so often this reader asked for history, and so many `H` lines it has |
 * | `R t user channel from to duplicates reordered` | at the end: an unbroken range of sequences this member received |
 * | `V t user channel digest` | at the end: all that this listening user received in the channel had this digest (`delivery-digest.ts`) |
 * | `D t vu bucket count` | at the end: so many deliveries to the listening users of this virtual user took as long as this bucket says, from the intended time (`delivery-times.ts`) |
 * | `L t vu lag` | lag of that virtual user's event loop in the last second, or what one of its sockets heard waited for it, whichever was longer, when over 50 ms |
 * | `F t vu users intended` | this virtual user finished in good order; so many messages were intended by the end |
 *
 * A member that received 1 … 7 and 9 … 12 has two `R` lines. Duplicates and
 * reordered deliveries stand on the channel's first `R` line only. A member
 * that received nothing in a channel has one line with `from` 1 and `to` 0.
 */

import type { RateProfile } from './rates.ts';

export const CLIENT_LEDGER_SCHEMA = 'holdfast.clients/1';

/** Codes of `E` lines, by index. 0 stands for a code this list does not know. */
export const ERROR_CODES = [
  'unknown',
  'bad-frame',
  'not-a-member',
  'too-long',
  'key-conflict',
  'busy',
  'history-unavailable',
  'rate-limited',
  'unconfirmed',
] as const;

export interface ClientLedgerHeader {
  readonly schema: typeof CLIENT_LEDGER_SCHEMA;
  /** The run directory's name. */
  readonly run: string;
  /** First part of every message key of the run (`messageKey`). */
  readonly runNonce: string;
  readonly shard: number;
  readonly epochMs: number;
  /** The schedule (`schedule.ts`): with it a reader knows what was intended but never sent. */
  readonly seed: number;
  /** Epoch milliseconds. */
  readonly sendFromMs: number;
  readonly intervalMs: number;
  /** Ledgers of before there were any have none. */
  readonly rates: readonly RateProfile[];
  /** Users of this shard: `firstUser` … `firstUser + users - 1`. */
  readonly firstUser: number;
  readonly users: number;
  readonly virtualUsers: number;
  /** Users of this shard who read history. */
  readonly readers: number;
}
