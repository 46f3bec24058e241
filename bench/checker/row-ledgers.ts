/**
 * The row ledgers of a made-up run: what four healthy nodes hold at the end,
 * the same rows on each, in the order of channel and sequence.
 */
import { rowLedgerEnd, rowLedgerHeader } from '../../chaos/ledger/row-ledger.ts';
import { inRun, rowLedgerFile } from '../../chaos/run-directory.ts';
import { appendTo } from './appender.ts';
import { contentOf } from './content.ts';
import { EPOCH_MS, NODES, type Script } from './script.ts';
import type { Stored } from './traffic.ts';

export function writeRowLedgers(run: string, script: Script, stored: Stored): void {
  using opened = new DisposableStack();
  const files = NODES.map((node) => {
    const file = opened.use(appendTo(inRun(run, rowLedgerFile(node))));
    file.add(rowLedgerHeader(script.name, node));
    return file;
  });
  const order = inOrderOfPlaces(stored);
  for (const message of order) {
    const row = rowOf(script, stored, message);
    for (const file of files) file.add(row);
  }
  for (const file of files) file.add(rowLedgerEnd(order.length));
}

/** Message numbers by channel and sequence; both have no gaps, so each place is known. */
function inOrderOfPlaces({ channel, sequence, heads }: Stored): Int32Array {
  const firstOf = new Int32Array(heads.length);
  for (let id = 1; id < heads.length; id++) {
    firstOf[id] = (firstOf[id - 1] ?? 0) + (heads[id - 1] ?? 0);
  }
  const order = new Int32Array(channel.length);
  channel.forEach((id, message) => {
    order[(firstOf[id] ?? 0) + (sequence[message] ?? 0) - 1] = message;
  });
  return order;
}

function rowOf(script: Script, stored: Stored, message: number): string {
  const { key, author, bodyHash } = contentOf(script, message);
  const createdAtMs = EPOCH_MS + (stored.committedMs[message] ?? 0);
  return `${key}\t${stored.channel[message]}\t${stored.sequence[message]}\t${author}\t${bodyHash}\t${createdAtMs}\n`;
}
