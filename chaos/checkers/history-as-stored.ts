/**
 * What history shows is what is stored: every page that a reader was shown
 * consists of exactly the rows of its places, none left out, each under its
 * key, with its author and its body; and it is as long as it was asked to be,
 * or begins with the channel's first message.
 *
 * Evidence: `H` lines, whose digest covers the whole page, against the rows of
 * every node that was read completely. A page that shows what is on no node is
 * also seen by `no-early-visibility`.
 *
 * Limit: a digest says that a page differs, not in which message.
 */
import { hash } from 'node:crypto';
import { digestOfLines, HISTORY_PAGE_MESSAGES } from '../../scenarios/history.ts';
import type { CheckResult } from '../findings.ts';
import { HISTORY_READ_FIELDS } from '../ledger/client-records.ts';
import { holds, type Ledgers, oneNodeATable } from '../ledger/ledgers.ts';
import { firstRowAt, keyText, type KeySpace, type RowTable } from '../ledger/row-table.ts';
import { clientLedgerFile, rowLedgerFile } from '../run-directory.ts';
import {
  conclude,
  EXAMPLES_MAX,
  missingClients,
  missingReads,
  missingRows,
  notTested,
} from './check-result.ts';

const ID = 'wrong-history';
const TITLE = 'What history showed is what is stored';

const md5 = (text: string): string => hash('md5', text, 'hex');

export function historyAsStored(ledgers: Ledgers): CheckResult {
  const reads = ledgers.records.historyReads.view();
  const unread = missingReads(ledgers);
  if (reads.length === 0 && unread.length === 0) {
    return notTested(ID, TITLE, 'No user of this run asked for history.');
  }
  const nodes = oneNodeATable(ledgers);
  const examples: string[] = [];
  let [differing, cut, messages] = [0, 0, 0];
  for (let at = 0; at < reads.length; at += HISTORY_READ_FIELDS) {
    const channel = reads[at + 1] as number;
    const [from, to] = [reads[at + 3] as number, reads[at + 4] as number];
    const digest = reads[at + 5] as number;
    messages += to - from + 1;
    const other = nodes.find(
      (node) =>
        holds(ledgers, node, channel) &&
        digest !== storedDigest(node.table, ledgers.keys, { channel, from, to }),
    );
    const isCut = from > 1 && to - from + 1 < HISTORY_PAGE_MESSAGES;
    if (other !== undefined) differing++;
    else if (isCut) cut++;
    else continue;
    if (examples.length >= EXAMPLES_MAX) continue;
    const user = reads[at];
    const page = `channel ${channel} from ${from} to ${to}`;
    const place = `${clientLedgerFile(reads[at + 6] as number)}:${reads[at + 7]}`;
    examples.push(
      other === undefined
        ? `user ${user} was shown ${page}, which is not all it asked for: ${place}`
        : `user ${user} was shown ${page} otherwise than in ${rowLedgerFile(other.node)}: ${place}`,
    );
  }
  return conclude({
    id: ID,
    title: TITLE,
    counts: { reads: reads.length / HISTORY_READ_FIELDS, messages, differing, cut },
    refuted: differing + cut > 0,
    examples,
    missing: [...missingRows(ledgers), ...missingClients(ledgers), ...unread],
    detail: 'Counted in answers: differing from the rows of a node, or cut short.',
  });
}

interface Page {
  readonly channel: number;
  readonly from: number;
  readonly to: number;
}

/** The digest that a page of these places has if it shows what this node holds. */
function storedDigest(table: RowTable, keys: KeySpace, { channel, from, to }: Page): number {
  let lines = '';
  for (let row = firstRowAt(table, channel, from); row < table.rows; row++) {
    const sequence = table.sequence[row] as number;
    if (table.channel[row] !== channel || sequence > to) break;
    const bodyHash = ((table.bodyHash[row] as number) >>> 0).toString(16).padStart(8, '0');
    const key = keyText(keys, table.key[row] as number);
    lines += `${lines === '' ? '' : '\n'}${sequence} ${key} ${table.author[row]} ${bodyHash}`;
  }
  return digestOfLines(lines, md5);
}
