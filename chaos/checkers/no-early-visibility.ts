/**
 * Nothing is shown that is lost later: every sequence that a member received,
 * or was shown in a history, has a row on every database node at the end. A
 * service that delivers before its commit is safe, and then loses the commit,
 * breaks that, even if it never acknowledged the message to its sender.
 *
 * Evidence: `R` and `H` lines against the rows. Limit: deliveries are recorded
 * as sequences, so another message at the same place is not seen here (its
 * sender's acknowledgement, if there was one, shows it as moved).
 */
import type { CheckResult } from '../findings.ts';
import { HISTORY_READ_FIELDS, RECEIPT_FIELDS } from '../ledger/client-records.ts';
import { holds, type Ledgers, oneNodeATable } from '../ledger/ledgers.ts';
import type { RowTable } from '../ledger/row-table.ts';
import { clientLedgerFile, rowLedgerFile } from '../run-directory.ts';
import { conclude, EXAMPLES_MAX, missingClients, missingRows } from './check-result.ts';

/** In one node and channel: what is not there. */
interface Absent {
  /** Below the head, ascending. */
  readonly gaps: readonly number[];
  readonly head: number;
}

const NOTHING: Absent = { gaps: [], head: 0 };

function absentIn(table: RowTable): ReadonlyMap<number, Absent> {
  const channels = new Map<number, Absent>();
  let [channel, gaps, head]: [number, number[], number] = [-1, [], 0];
  for (let row = 0; row < table.rows; row++) {
    if (table.channel[row] !== channel) {
      if (channel !== -1) channels.set(channel, { gaps, head });
      [channel, gaps, head] = [table.channel[row] as number, [], 0];
    }
    const sequence = table.sequence[row] as number;
    // A place that is absurdly far away is one gap's worth of trouble, not a billion.
    for (let gap = head + 1; gap < sequence && gaps.length < GAPS_MAX; gap++) gaps.push(gap);
    head = Math.max(head, sequence);
  }
  if (channel !== -1) channels.set(channel, { gaps, head });
  return channels;
}

/** Enough to refute; bounds what one corrupt row can cost. */
const GAPS_MAX = 10_000;

/** The first sequence in [from, to] that is absent, or null. */
function firstAbsent({ gaps, head }: Absent, from: number, to: number): number | null {
  if (to < from) return null;
  const gap = gaps.find((each) => each >= from && each <= to);
  if (gap !== undefined) return gap;
  return to > head ? Math.max(from, head + 1) : null;
}

export function noEarlyVisibility(ledgers: Ledgers): CheckResult {
  const { receipts, historyReads } = ledgers.records;
  const examples: string[] = [];
  let [vanishedDeliveries, vanishedReads] = [0, 0];
  const nodes = oneNodeATable(ledgers).map((ledger) => ({
    ...ledger,
    absent: absentIn(ledger.table),
  }));
  /** Both kinds of entries begin with user and channel and end with shard and line. */
  const vanished = (entries: Int32Array, at: number, from: number, to: number): number => {
    const channel = entries[at + 1] as number;
    for (const ledger of nodes) {
      if (!holds(ledgers, ledger, channel)) continue;
      const { node, absent } = ledger;
      const sequence = firstAbsent(absent.get(channel) ?? NOTHING, from, to);
      if (sequence === null) continue;
      if (examples.length < EXAMPLES_MAX) {
        const place = `${clientLedgerFile(entries[at + 6] as number)}:${entries[at + 7]}`;
        examples.push(
          `user ${entries[at]} saw ${sequence} of channel ${channel}, which is not in ${rowLedgerFile(node)}: ${place}`,
        );
      }
      return 1;
    }
    return 0;
  };
  const received = receipts.view();
  for (let at = 0; at < received.length; at += RECEIPT_FIELDS) {
    const [from, to] = [received[at + 2] as number, received[at + 3] as number];
    vanishedDeliveries += vanished(received, at, from, to);
  }
  const reads = historyReads.view();
  for (let at = 0; at < reads.length; at += HISTORY_READ_FIELDS) {
    const [from, to] = [reads[at + 3] as number, reads[at + 4] as number];
    vanishedReads += vanished(reads, at, from, to);
  }
  return conclude({
    id: 'visible-early',
    title: 'Nothing that a member was shown is missing on a database node',
    counts: { vanishedDeliveries, vanishedReads },
    refuted: vanishedDeliveries + vanishedReads > 0,
    examples,
    missing: [...missingRows(ledgers), ...missingClients(ledgers)],
    detail: 'Counted in unbroken ranges of deliveries, and in answers to history requests.',
  });
}
