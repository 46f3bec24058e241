/**
 * Where the salt goes (`salt.ts`): places in the run's own evidence that
 * are in order, so that what is put there is the only thing wrong with them.
 * Drawn by the plan's seed: the same run is always salted at the same places.
 *
 * - removed: an acknowledged row that is not the last of its channel, so that
 *   the channel's head, and with it what was to be delivered, stays
 * - doubled: a row with a key of this run
 * - swapped: two rows of one sender in one channel, none of its own between
 * - undelivered: one sequence of a range that a member received
 * - heard: what a listener was shown in a channel; it says something else
 * - read: a page of history that showed something; its reader is shown an older one, and a wrong one
 *
 * Null: the run is too small, or too broken, to have such a place.
 */
import { randomAt } from '../../../scenarios/random.ts';
import { headsOf } from '../../checkers/all-delivered.ts';
import type { LostMessage } from '../../checkers/no-lost-messages.ts';
import { HEARD_FIELDS, HISTORY_READ_FIELDS, RECEIPT_FIELDS } from '../../ledger/client-records.ts';
import { hasFinished, type Ledgers } from '../../ledger/ledgers.ts';
import { wasAcknowledged } from '../../ledger/messages.ts';
import type { RowTable } from '../../ledger/row-table.ts';

export interface MissedDelivery {
  /** Index of the receipt's first field. */
  readonly receipt: number;
  readonly user: number;
  readonly channel: number;
  readonly sequence: number;
}

/** Rows are those of the salted node's table. */
export interface Grains {
  readonly removed: number | null;
  readonly doubled: number | null;
  readonly swapped: readonly [earlier: number, later: number] | null;
  readonly undelivered: MissedDelivery | null;
  /** Index of the first field of what was heard. */
  readonly heard: number | null;
  /** Index of the read's first field. */
  readonly read: number | null;
}

export function chooseGrains(
  ledgers: Ledgers,
  table: RowTable,
  lost: readonly LostMessage[],
  seed: number,
): Grains {
  const { messages } = ledgers.records;
  const lostAlready = new Set(lost.map(({ message }) => message));
  const startAt = (what: number, count: number): number =>
    Math.floor(randomAt(seed, what, count) * count);

  const removed = firstFrom(table.rows, startAt(1, table.rows), (row) => {
    const key = table.key[row] as number;
    const headOfChannel = table.channel[row + 1] !== table.channel[row];
    return (
      key >= 0 &&
      !headOfChannel &&
      table.rowOf[key] === row + 1 &&
      wasAcknowledged(messages, key) &&
      !lostAlready.has(key)
    );
  });
  const doubled = firstFrom(table.rows, startAt(2, table.rows), (row) => {
    const key = table.key[row] as number;
    return row !== removed && key >= 0 && table.rowOf[key] === row + 1;
  });
  const taken = new Set([removed, doubled]);
  return {
    removed,
    doubled,
    swapped: choosePair(table, messages.users, startAt(3, table.rows), taken),
    undelivered: chooseDelivery(ledgers, (count) => startAt(4, count)),
    heard: chooseHeard(ledgers, (count) => startAt(6, count)),
    read: chooseRead(ledgers, (count) => startAt(5, count)),
  };
}

/** The first of `count` places, from `start` on and round again, that will do. */
function firstFrom(count: number, start: number, will: (place: number) => boolean): number | null {
  for (let step = 0; step < count; step++) {
    const place = (start + step) % count;
    if (will(place)) return place;
  }
  return null;
}

function choosePair(
  table: RowTable,
  users: number,
  start: number,
  taken: ReadonlySet<number | null>,
): Grains['swapped'] {
  /** For each user: its last row so far in the channel at hand. */
  const last = new Int32Array(users).fill(-1);
  let found: Grains['swapped'] = null;
  firstFrom(table.rows, start, (row) => {
    const key = table.key[row] as number;
    if (key < 0) return false;
    const before = last[key % users] as number;
    last[key % users] = row;
    const inOrder =
      before >= 0 &&
      before < row &&
      table.channel[before] === table.channel[row] &&
      (table.key[before] as number) < key;
    if (!inOrder || taken.has(before) || taken.has(row)) return false;
    found = [before, row];
    return true;
  });
  return found;
}

/** Index of the first field of an entry of a flat list that will do. */
function chooseEntry(
  list: Int32Array,
  fields: number,
  startAt: (count: number) => number,
  will: (at: number) => boolean,
): number | null {
  const count = list.length / fields;
  const entry = firstFrom(count, startAt(count), (each) => will(each * fields));
  return entry === null ? null : entry * fields;
}

/** One who heard something there: the sum of nothing is 0. */
function chooseHeard({ records }: Ledgers, startAt: (count: number) => number): number | null {
  const heard = records.heard.view();
  return chooseEntry(heard, HEARD_FIELDS, startAt, (at) => heard[at + 2] !== 0);
}

/** A page that shows something. */
function chooseRead({ records }: Ledgers, startAt: (count: number) => number): number | null {
  const reads = records.historyReads.view();
  return chooseEntry(reads, HISTORY_READ_FIELDS, startAt, (at) => (reads[at + 4] ?? 0) > 0);
}

function chooseDelivery(
  ledgers: Ledgers,
  startAt: (count: number) => number,
): MissedDelivery | null {
  const receipts = ledgers.records.receipts.view();
  const heads = headsOf(ledgers);
  const isMember = (user: number, channel: number): boolean =>
    ledgers.population.channels.find(({ id }) => id === channel)?.members.includes(user) === true;
  const receipt = chooseEntry(receipts, RECEIPT_FIELDS, startAt, (at) => {
    const [user = 0, channel = 0, from = 0, to = 0, , , shard = 0] = receipts.subarray(
      at,
      at + RECEIPT_FIELDS,
    );
    const told = ledgers.shards.find(({ header }) => header.shard === shard);
    return (
      from <= to &&
      to <= (heads.get(channel) ?? 0) &&
      told !== undefined &&
      hasFinished(told) &&
      isMember(user, channel)
    );
  });
  if (receipt === null) return null;
  const [user = 0, channel = 0, from = 0, to = 0] = receipts.subarray(receipt, receipt + 4);
  return { receipt, user, channel, sequence: from + startAt(to - from + 1) };
}
