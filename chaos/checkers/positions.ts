/** Where a message stands in the client ledgers, in words: examples carry it. */
import type { Ledgers } from '../ledger/ledgers.ts';
import { userOf } from '../ledger/messages.ts';
import { keyText } from '../ledger/row-table.ts';
import { clientLedgerFile } from '../run-directory.ts';

export function shardFileOf(ledgers: Ledgers, user: number): string {
  const shard = ledgers.shards.find(
    ({ header }) => user >= header.firstUser && user < header.firstUser + header.users,
  );
  return shard === undefined ? 'no client ledger' : clientLedgerFile(shard.header.shard);
}

/** `r1-5-3 (acknowledged as 7 in channel 12, ledger/clients-0.log:99)`. */
export function acknowledgedPlace(ledgers: Ledgers, message: number): string {
  const { messages } = ledgers.records;
  const file = shardFileOf(ledgers, userOf(messages, message));
  const place = `${file}:${messages.acknowledgedLine[message]}`;
  return `${keyText(ledgers.keys, message)} (acknowledged as ${messages.sequence[message]} in channel ${messages.channel[message]}, ${place})`;
}

/** `r1-5-3 (sent to channel 12, ledger/clients-0.log:98)`. */
export function sentPlace(ledgers: Ledgers, message: number): string {
  const { messages } = ledgers.records;
  const file = shardFileOf(ledgers, userOf(messages, message));
  return `${keyText(ledgers.keys, message)} (sent to channel ${messages.channel[message]}, ${file}:${messages.sentLine[message]})`;
}
