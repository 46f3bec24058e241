/**
 * What members are shown is what is stored: all that a listening user received
 * in a channel is, place by place, the rows of these places, each under its key,
 * with its author and its body.
 *
 * Evidence: `V` lines, whose digest covers every delivery to that user in that
 * channel, and its `R` lines, which say which places these were, against the
 * rows of every node that was read completely. Places that a node does not
 * hold exactly once are for `no-lost-messages`, `no-duplicates` and
 * `all-delivered`; where one is among them, that node says nothing here.
 *
 * Limits: one user in fifty listens. A digest says that something differs, not
 * which delivery.
 */
import { deliveryNumber, digestOfSum, FOREIGN_KEY } from '../../scenarios/delivery-digest.ts';
import { listens } from '../../scenarios/delivery-times.ts';
import type { CheckResult } from '../findings.ts';
import { HEARD_FIELDS, memberKey, RECEIPT_FIELDS } from '../ledger/client-records.ts';
import { hasFinished, holds, type Ledgers, oneNodeATable } from '../ledger/ledgers.ts';
import { ordinalOf, userOf } from '../ledger/messages.ts';
import { firstRowAt, type RowTable } from '../ledger/row-table.ts';
import { clientLedgerFile, rowLedgerFile } from '../run-directory.ts';
import { conclude, EXAMPLES_MAX, missingClients, missingRows, notTested } from './check-result.ts';

const ID = 'wrong-delivery';
const TITLE = 'What members were shown is what is stored';

type Range = readonly [from: number, to: number];

export function deliveriesAsStored(ledgers: Ledgers): CheckResult {
  const heard = ledgers.records.heard.view();
  const ranges = rangesOfListeners(ledgers);
  const unheard = missingListeners(ledgers, ranges);
  if (heard.length === 0 && unheard.length === 0) {
    return notTested(ID, TITLE, 'No user of this run listened.');
  }
  const nodes = oneNodeATable(ledgers).map((ledger) => ({
    ...ledger,
    sums: sumsOf(ledger.table, ledgers),
  }));
  const examples: string[] = [];
  let [differing, deliveries] = [0, 0];
  for (let at = 0; at < heard.length; at += HEARD_FIELDS) {
    const [user = 0, channel = 0, digest = 0, shard = 0, line = 0] = heard.subarray(
      at,
      at + HEARD_FIELDS,
    );
    const received = ranges.get(memberKey(user, channel)) ?? [];
    deliveries += received.reduce((sum, [from, to]) => sum + to - from + 1, 0);
    const other = nodes.find((ledger) => {
      if (!holds(ledgers, ledger, channel)) return false;
      const { table, sums } = ledger;
      const stored = storedDigest(table, sums, channel, received);
      return stored !== null && stored !== digest;
    });
    if (other === undefined) continue;
    differing++;
    if (examples.length >= EXAMPLES_MAX) continue;
    examples.push(
      `user ${user} was shown channel ${channel} otherwise than in ${rowLedgerFile(other.node)}: ${clientLedgerFile(shard)}:${line}`,
    );
  }
  return conclude({
    id: ID,
    title: TITLE,
    counts: { listeners: heard.length / HEARD_FIELDS, deliveries, differing },
    refuted: differing > 0,
    examples,
    missing: [...missingRows(ledgers), ...missingClients(ledgers), ...unheard],
    detail: 'Counted in listening members of channels; differing: from the rows of a node.',
  });
}

/** The sum of the rows before each row; sums are of 32 bits, and may overflow. */
function sumsOf(table: RowTable, { records: { messages } }: Ledgers): Int32Array {
  const sums = new Int32Array(table.rows + 1);
  for (let row = 0; row < table.rows; row++) {
    const key = table.key[row] as number;
    const parts =
      key < 0 ? FOREIGN_KEY : { user: userOf(messages, key), n: ordinalOf(messages, key) };
    const number = deliveryNumber(
      table.sequence[row] as number,
      parts,
      table.author[row] as number,
      table.bodyHash[row] as number,
    );
    sums[row + 1] = (sums[row] as number) + number;
  }
  return sums;
}

/** The digest of these places as the node holds them; null: it does not hold each exactly once. */
function storedDigest(
  table: RowTable,
  sums: Int32Array,
  channel: number,
  ranges: readonly Range[],
): number | null {
  let sum = 0;
  for (const [from, to] of ranges) {
    const [first, end] = [firstRowAt(table, channel, from), firstRowAt(table, channel, to + 1)];
    if (end - first !== to - from + 1) return null;
    for (let row = first + 1; row < end; row++) {
      if (table.sequence[row] === table.sequence[row - 1]) return null;
    }
    sum += (sums[end] as number) - (sums[first] as number);
  }
  return digestOfSum(sum | 0);
}

/** What each listener received, by `memberKey`. */
function rangesOfListeners({ records }: Ledgers): ReadonlyMap<number, readonly Range[]> {
  const heard = records.heard.view();
  const ranges = new Map<number, Range[]>();
  for (let at = 0; at < heard.length; at += HEARD_FIELDS) {
    ranges.set(memberKey(heard[at] as number, heard[at + 1] as number), []);
  }
  const receipts = records.receipts.view();
  for (let at = 0; at < receipts.length; at += RECEIPT_FIELDS) {
    const own = ranges.get(memberKey(receipts[at] as number, receipts[at + 1] as number));
    const [from, to] = [receipts[at + 2] as number, receipts[at + 3] as number];
    if (from <= to) own?.push([from, to]);
  }
  return ranges;
}

/** Listeners of shards that came to their end, of whom a channel is missing. */
function missingListeners(ledgers: Ledgers, told: ReadonlyMap<number, unknown>): readonly string[] {
  const { records, schedule, population, shards } = ledgers;
  const { users } = records.messages;
  const shardOf = new Map<number, (typeof shards)[number]>();
  for (const shard of shards.filter(hasFinished)) {
    const { firstUser, users: held } = shard.header;
    for (let user = firstUser; user < firstUser + held; user++) {
      if (listens(schedule.seed, user, users)) shardOf.set(user, shard);
    }
  }
  const missing = new Map<string, number>();
  for (const { id, members } of population.channels) {
    for (const user of members) {
      const shard = shardOf.get(user);
      if (shard === undefined || told.has(memberKey(user, id))) continue;
      missing.set(shard.file, (missing.get(shard.file) ?? 0) + 1);
    }
  }
  return [...missing].map(([file, count]) => `${count} lines of listeners in ${file}`);
}
