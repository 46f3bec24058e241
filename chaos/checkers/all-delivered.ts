/**
 * Every member gets everything: each member of a channel ends with the
 * unbroken range 1 … head, head being the channel's highest sequence on any
 * database node. Members who never connected count like all others.
 *
 * Evidence: `R` lines of finished shards, the population, the rows. Two more
 * things are refuted here because they are about the same ranges: a channel
 * whose rows have a gap, and a delivery that is in no row (beyond the head) or
 * went to somebody who is no member.
 */
import type { CheckResult } from '../findings.ts';
import { memberKey, RECEIPT_FIELDS } from '../ledger/client-records.ts';
import {
  completeRows,
  hasFinished,
  holds,
  type Ledgers,
  oneNodeATable,
} from '../ledger/ledgers.ts';
import { clientLedgerFile } from '../run-directory.ts';
import { conclude, missingClients, missingRows, rowPosition } from './check-result.ts';
import { shardFileOf } from './positions.ts';

export interface Delivered {
  /** Member × sequence pairs that were received, and that had to be. */
  readonly received: number;
  readonly expected: number;
  readonly undelivered: number;
  readonly beyondHead: number;
  readonly strangers: number;
  readonly examples: readonly string[];
}

/** Highest sequence of each channel on any completely read node. */
export function headsOf(ledgers: Ledgers): ReadonlyMap<number, number> {
  const heads = new Map<number, number>();
  for (const { table } of oneNodeATable(ledgers)) {
    for (let row = 0; row < table.rows; row++) {
      const channel = table.channel[row] as number;
      if (row + 1 < table.rows && table.channel[row + 1] === channel) continue;
      const sequence = table.sequence[row] as number;
      if (sequence > (heads.get(channel) ?? 0)) heads.set(channel, sequence);
    }
  }
  return heads;
}

export function measureDeliveries(ledgers: Ledgers): Delivered {
  const heads = headsOf(ledgers);
  const receipts = ledgers.records.receipts.view();
  const linesOf = groupReceipts(receipts);
  const finished = finishedUsers(ledgers);
  const whole = completeRows(ledgers);
  const examples: string[] = [];
  let [received, expected, undelivered, beyondHead] = [0, 0, 0, 0];
  /** By line 1: it is about a member of its channel. */
  const ofMember = new Uint8Array(linesOf.next.length);
  for (const channel of ledgers.population.channels) {
    const head = heads.get(channel.id) ?? 0;
    const judged = whole.some((node) => holds(ledgers, node, channel.id));
    for (const user of channel.members) {
      const first = linesOf.first.get(memberKey(user, channel.id));
      const ranges: Range[] = [];
      for (let line = first ?? NONE; line !== NONE; line = linesOf.next[line] ?? NONE) {
        ofMember[line] = 1;
        const at = line * RECEIPT_FIELDS;
        ranges.push([receipts[at + 2] ?? 0, receipts[at + 3] ?? 0]);
      }
      const got = coverage(ranges, head);
      expected += head;
      received += got.covered + got.beyond;
      // What an unfinished shard received is not known, so nothing is missing there yet.
      if (!judged || finished[user] !== 1) continue;
      undelivered += head - got.covered;
      beyondHead += got.beyond;
      if (examples.length >= 10 || (got.covered === head && got.beyond === 0)) continue;
      const at = (first ?? 0) * RECEIPT_FIELDS;
      const place =
        first === undefined
          ? `no R line in ${shardFileOf(ledgers, user)}`
          : `${clientLedgerFile(receipts[at + 6] as number)}:${receipts[at + 7]}`;
      examples.push(
        got.covered < head
          ? `user ${user} misses ${head - got.covered} of ${head} in channel ${channel.id}, the first is ${got.firstMissing}: ${place}`
          : `user ${user} got ${got.beyond} beyond the head ${head} of channel ${channel.id}: ${place}`,
      );
    }
  }
  const strangers = findStrangers(ledgers, receipts, ofMember, examples);
  return { received, expected, undelivered, beyondHead, strangers, examples };
}

type Range = readonly [from: number, to: number];

/** How much of 1 … head the ranges hold, how much lies beyond, and the first that is missing. Sorts them. */
function coverage(ranges: Range[], head: number) {
  let reached = 0;
  let covered = 0;
  let beyond = 0;
  let firstMissing = 0;
  for (const [from, to] of ranges.sort((a, b) => a[0] - b[0])) {
    const fresh = Math.max(from, reached + 1);
    if (to < fresh) continue;
    if (fresh > reached + 1 && firstMissing === 0 && reached < head) firstMissing = reached + 1;
    covered += Math.max(0, Math.min(to, head) - fresh + 1);
    beyond += Math.max(0, to - Math.max(head, fresh - 1));
    reached = to;
  }
  if (firstMissing === 0 && reached < head) firstMissing = reached + 1;
  return { covered, beyond, firstMissing };
}

const NONE = -1;

/** By member and channel the first line, and by line the next of the same; half a million lists would cost more. */
interface LinesOf {
  readonly first: ReadonlyMap<number, number>;
  readonly next: Int32Array;
}

function groupReceipts(receipts: Int32Array): LinesOf {
  const first = new Map<number, number>();
  const next = new Int32Array(receipts.length / RECEIPT_FIELDS);
  for (let line = next.length - 1; line >= 0; line--) {
    const at = line * RECEIPT_FIELDS;
    const key = memberKey(receipts[at] as number, receipts[at + 1] as number);
    next[line] = first.get(key) ?? NONE;
    first.set(key, line);
  }
  return { first, next };
}

function finishedUsers({ shards, records }: Ledgers): Uint8Array {
  const finished = new Uint8Array(records.messages.users);
  for (const shard of shards) {
    const { firstUser, users } = shard.header;
    if (hasFinished(shard)) finished.fill(1, firstUser, firstUser + users);
  }
  return finished;
}

function findStrangers(
  { records, population }: Ledgers,
  receipts: Int32Array,
  ofMember: Uint8Array,
  examples: string[],
): number {
  const strangers = new Set(records.strangers);
  // With a part of the population missing, anybody may be a member.
  if (population.problems.length === 0) {
    for (let line = 0; line < ofMember.length; line++) {
      const at = line * RECEIPT_FIELDS;
      if (ofMember[line] === 1 || (receipts[at + 3] as number) === 0) continue;
      strangers.add(memberKey(receipts[at] as number, receipts[at + 1] as number));
    }
  }
  for (const key of strangers) {
    const channel = key % 0x1_0000_0000;
    const user = (key - channel) / 0x1_0000_0000;
    examples.push(`user ${user} got messages of channel ${channel} without being a member`);
  }
  return strangers.size;
}

function findGaps(ledgers: Ledgers): { readonly gaps: number; readonly examples: string[] } {
  const gaps = new Set<string>();
  const examples: string[] = [];
  for (const { node, table } of oneNodeATable(ledgers)) {
    for (let row = 0; row < table.rows; row++) {
      const channel = table.channel[row] as number;
      const follows = row > 0 && table.channel[row - 1] === channel;
      const before = follows ? (table.sequence[row - 1] as number) : 0;
      const sequence = table.sequence[row] as number;
      if (sequence <= before + 1) continue;
      gaps.add(`${channel} ${before + 1} ${sequence}`);
      examples.push(
        `channel ${channel} has no sequence ${before + 1}: ${rowPosition(node, row)} is ${sequence}`,
      );
    }
  }
  return { gaps: gaps.size, examples };
}

export function allDelivered(
  ledgers: Ledgers,
  delivered = measureDeliveries(ledgers),
): CheckResult {
  const { undelivered, beyondHead, strangers } = delivered;
  const { gaps, examples } = findGaps(ledgers);
  return conclude({
    id: 'undelivered',
    title: 'Every member of every channel received every message of it',
    counts: { undelivered, gaps, beyondHead, strangers },
    refuted: undelivered + gaps + beyondHead + strangers > 0,
    examples: [...examples.slice(0, 5), ...delivered.examples],
    missing: [...missingRows(ledgers), ...missingClients(ledgers), ...ledgers.population.problems],
    detail:
      'Counted in members times messages. gaps: places in a channel without a row; beyondHead: deliveries that are in no row; strangers: receivers who are no members.',
  });
}
