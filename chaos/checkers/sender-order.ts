/**
 * Order holds: in a channel, the messages of one user have sequences in the
 * order in which the user sent them, and every member is told them strictly in
 * sequence. Users send one message at a time, and a member that reconnects
 * goes on where it stopped, so nothing but the service can turn them round or
 * skip ahead.
 *
 * Evidence: the row ledgers; `G` lines, a member's word that a delivery
 * skipped ahead on its open socket. That it then asked for what it had missed,
 * and got it late, mends nothing: until then it saw a conversation that was not
 * held. Late deliveries without such a line are counted apart.
 */
import type { CheckResult } from '../findings.ts';
import { memberKey, RECEIPT_FIELDS } from '../ledger/client-records.ts';
import { type Ledgers, oneOfEach } from '../ledger/ledgers.ts';
import { keyText, type RowTable } from '../ledger/row-table.ts';
import { clientLedgerFile } from '../run-directory.ts';
import { conclude, missingRows, rowPosition } from './check-result.ts';

export function senderOrder(ledgers: Ledgers): CheckResult {
  const reordered = new Set<number>();
  const examples: string[] = [];
  for (const { node, table } of oneOfEach(ledgers.rows)) {
    eachOvertaken(table, ledgers.records.messages.users, (row, before) => {
      const key = table.key[row] as number;
      if (reordered.has(key)) return;
      reordered.add(key);
      examples.push(
        `${keyText(ledgers.keys, key)} at ${rowPosition(node, row)} stands behind ${keyText(ledgers.keys, before)}, which was sent later`,
      );
    });
  }
  const deliveries = countDeliveries(ledgers);
  return conclude({
    id: 'reordered',
    title:
      "In every channel a sender's messages stand, and are delivered, in the order they were sent",
    counts: {
      reordered: reordered.size,
      membersSkipped: deliveries.skipped,
      deliveriesUnexplained: deliveries.unexplained,
      deliveriesLate: deliveries.late,
    },
    refuted: reordered.size > 0 || deliveries.skipped > 0 || deliveries.unexplained > 0,
    examples: [...examples, ...deliveries.examples],
    missing: missingRows(ledgers),
    detail:
      'Counted in messages that stand behind a later one of the same sender. membersSkipped: members of a channel to whom a delivery skipped ahead; deliveriesLate: deliveries behind a later one, unexplained where nothing had skipped.',
  });
}

/** `before`: key of the sender's later message that stands in front. */
function eachOvertaken(
  table: RowTable,
  users: number,
  found: (row: number, before: number) => void,
): void {
  /** For each user: its highest message so far in the channel at hand. */
  const highest = new Int32Array(users);
  const inChannel = new Int32Array(users).fill(-1);
  for (let row = 0; row < table.rows; row++) {
    const key = table.key[row] as number;
    if (key < 0) continue;
    const user = key % users;
    const channel = table.channel[row] as number;
    const before = highest[user] as number;
    // Numbers of one user's messages grow with their order (`messages.ts`).
    if (inChannel[user] === channel && key < before) found(row, before);
    else {
      inChannel[user] = channel;
      highest[user] = key;
    }
  }
}

function countDeliveries({ records }: Ledgers) {
  const receipts = records.receipts.view();
  const examples: string[] = [];
  let late = 0;
  let unexplained = 0;
  for (let at = 0; at < receipts.length; at += RECEIPT_FIELDS) {
    const count = receipts[at + 5] as number;
    if (count === 0) continue;
    const [user, channel] = [receipts[at] as number, receipts[at + 1] as number];
    late += count;
    if (records.resumed.has(memberKey(user, channel))) continue;
    unexplained += count;
    examples.push(
      `user ${user} got ${count} deliveries of channel ${channel} out of order without a gap: ${clientLedgerFile(receipts[at + 6] as number)}:${receipts[at + 7]}`,
    );
  }
  for (const key of records.resumed) {
    const channel = key % 0x1_0000_0000;
    const user = (key - channel) / 0x1_0000_0000;
    examples.push(`a delivery of channel ${channel} to user ${user} skipped ahead`);
  }
  return { late, unexplained, skipped: records.resumed.size, examples };
}
