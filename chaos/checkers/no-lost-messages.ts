/**
 * Nothing acknowledged is lost: every acknowledged message is on every node of
 * the database that holds its channel, in the channel and with the sequence its
 * sender was told.
 *
 * Evidence: `A` lines against each completely read row ledger. A message that
 * is on three nodes and missing on the fourth is lost too: the fourth may be
 * the next primary. Sends without an acknowledgement are not judged here
 * (`ambiguous-sends.ts`). A loss is proven even when other evidence is
 * missing; that nothing was lost needs all of it.
 */
import type { CheckResult } from '../findings.ts';
import { completeRows, holds, type Ledgers, oneNodeATable } from '../ledger/ledgers.ts';
import { messageCount, NEVER } from '../ledger/messages.ts';
import type { RowLedger } from '../ledger/row-ledger.ts';
import { firstRowAt, type RowTable } from '../ledger/row-table.ts';
import { conclude, missingClients, missingRows, rowPosition } from './check-result.ts';
import { acknowledgedPlace } from './positions.ts';

export interface LostMessage {
  readonly message: number;
  readonly missingOn: readonly string[];
  /** Nodes where it stands elsewhere than acknowledged, with the row. */
  readonly movedOn: readonly { readonly node: string; readonly row: number }[];
}

/** In the order of message numbers. */
export function findLostMessages(ledgers: Ledgers): readonly LostMessage[] {
  const rows = completeRows(ledgers);
  const different = oneNodeATable(ledgers);
  const { messages } = ledgers.records;
  const elsewhere = new Uint8Array(messageCount(messages));
  for (const node of different) markElsewhere(ledgers, node, elsewhere);
  const lost: LostMessage[] = [];
  for (
    let message = elsewhere.indexOf(1);
    message !== -1;
    message = elsewhere.indexOf(1, message + 1)
  ) {
    const channel = messages.channel[message] as number;
    const holding = rows.filter((node) => holds(ledgers, node, channel));
    if (holding.every(({ table }) => placeIn(ledgers, table, message) === 'there')) continue;
    lost.push({
      message,
      missingOn: holding
        .filter(({ table }) => placeIn(ledgers, table, message) === 'missing')
        .map(({ node }) => node),
      movedOn: holding
        .filter(({ table }) => placeIn(ledgers, table, message) === 'moved')
        .map(({ node, table }) => ({ node, row: (table.rowOf[message] as number) - 1 })),
    });
  }
  return lost;
}

/** Marks those that were acknowledged and are not at the first row with their key: few, looked at closely then. */
function markElsewhere(ledgers: Ledgers, node: RowLedger, elsewhere: Uint8Array): void {
  const { acknowledgedMs, channel, sequence } = ledgers.records.messages;
  const { rowOf, channel: rowChannel, sequence: rowSequence } = node.table;
  for (let message = 0; message < acknowledgedMs.length; message++) {
    if (acknowledgedMs[message] === NEVER) continue;
    const row = (rowOf[message] as number) - 1;
    const isThere =
      row >= 0 && rowChannel[row] === channel[message] && rowSequence[row] === sequence[message];
    if (!isThere && holds(ledgers, node, channel[message] as number)) elsewhere[message] = 1;
  }
}

function placeIn(
  ledgers: Ledgers,
  table: RowTable,
  message: number,
): 'there' | 'missing' | 'moved' {
  const { messages } = ledgers.records;
  const row = (table.rowOf[message] as number) - 1;
  if (row < 0) return 'missing';
  const channel = messages.channel[message] as number;
  const sequence = messages.sequence[message] as number;
  if (table.channel[row] === channel && table.sequence[row] === sequence) return 'there';
  // The key may have a second row: duplicated, but not lost.
  for (let at = firstRowAt(table, channel, sequence); at < table.rows; at++) {
    if (table.channel[at] !== channel || table.sequence[at] !== sequence) break;
    if (table.key[at] === message) return 'there';
  }
  return 'moved';
}

export function noLostMessages(
  ledgers: Ledgers,
  lost: readonly LostMessage[] = findLostMessages(ledgers),
): CheckResult {
  const missing = lost.filter(({ missingOn }) => missingOn.length > 0).length;
  return conclude({
    id: 'lost',
    title: 'Every acknowledged message is on every database node, where its sender was told',
    counts: { lost: lost.length, missing, moved: lost.length - missing },
    refuted: lost.length > 0,
    examples: lost.slice(0, 10).map((each) => describe(ledgers, each)),
    missing: [...missingRows(ledgers), ...missingClients(ledgers)],
    detail: 'Counted in messages, however many nodes lack them.',
  });
}

function describe(ledgers: Ledgers, { message, missingOn, movedOn }: LostMessage): string {
  const parts: string[] = [];
  if (missingOn.length > 0) parts.push(`is missing on ${missingOn.join(', ')}`);
  const moved = movedOn.map(({ node, row }) => rowPosition(node, row));
  if (moved.length > 0) parts.push(`stands elsewhere at ${moved.join(', ')}`);
  return `${acknowledgedPlace(ledgers, message)} ${parts.join(' and ')}`;
}
