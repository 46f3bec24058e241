/**
 * Nothing is stored that nobody sent: every row's key is one that its author
 * sent, to that channel, with that body; and it stands in the database that
 * holds the channel.
 *
 * Evidence: the row ledgers against the `S` lines; the body follows from the
 * key, so its hash is computed and compared. That a key was never sent can
 * only be said when the client ledgers are whole; a wrong author, channel or
 * body, or a key that is none of this run's, is a phantom in any case.
 */
import type { CheckResult } from '../findings.ts';
import { holds, type Ledgers, oneOfEach } from '../ledger/ledgers.ts';
import { userOf, wasSent } from '../ledger/messages.ts';
import type { RowLedger } from '../ledger/row-ledger.ts';
import { keyText, type RowTable } from '../ledger/row-table.ts';
import { bodyHashes } from './body-hashes.ts';
import { conclude, missingClients, missingRows, rowPosition } from './check-result.ts';

type Flaw = 'foreign' | 'unsent' | 'author' | 'channel' | 'body' | 'database';

const WORDS: Readonly<Record<Flaw, string>> = {
  foreign: 'has a key that no user of this run could send',
  unsent: 'was never sent',
  author: 'has another author than its sender',
  channel: 'is in another channel than it was sent to',
  body: 'has another body than was sent',
  database: 'is in a database that does not hold its channel',
};

export function noPhantoms(ledgers: Ledgers): CheckResult {
  const unknownSends = missingClients(ledgers);
  const keys = new Map<number, Flaw>();
  const examples: string[] = [];
  let unproven = 0;
  const hashes = bodyHashes(ledgers.keys, ledgers.schedule.seed);
  for (const ledger of oneOfEach(ledgers.rows)) {
    const { node, table } = ledger;
    for (let row = 0; row < table.rows; row++) {
      const flaw = flawOf(ledgers, ledger, row, hashes);
      if (flaw === null) continue;
      if (unknownSends.length > 0 && isOfMissingSend(ledgers, table, row, flaw)) {
        unproven++;
        continue;
      }
      const key = table.key[row] as number;
      if (keys.has(key)) continue;
      keys.set(key, flaw);
      if (examples.length < 10) {
        examples.push(`${keyText(ledgers.keys, key)} ${WORDS[flaw]}: ${rowPosition(node, row)}`);
      }
    }
  }
  const count = (flaw: Flaw): number => [...keys.values()].filter((each) => each === flaw).length;
  return conclude({
    id: 'phantom',
    title: 'Nothing is stored that nobody sent',
    counts: {
      phantom: keys.size,
      foreign: count('foreign'),
      unsent: count('unsent'),
      author: count('author'),
      channel: count('channel'),
      body: count('body'),
      ...(ledgers.databases > 1 && { database: count('database') }),
      unproven,
    },
    refuted: keys.size > 0,
    examples,
    missing: [...missingRows(ledgers), ...unknownSends],
    detail: 'Counted in keys, by the first flaw found.',
  });
}

function flawOf(ledgers: Ledgers, node: RowLedger, row: number, hashes: Int32Array): Flaw | null {
  const { messages } = ledgers.records;
  const { table } = node;
  const key = table.key[row] as number;
  if (key < 0) return 'foreign';
  if (!wasSent(messages, key)) return 'unsent';
  const user = userOf(messages, key);
  if (table.author[row] !== user) return 'author';
  if (table.channel[row] !== messages.channel[key]) return 'channel';
  if (table.bodyHash[row] !== hashes[key]) return 'body';
  return holds(ledgers, node, table.channel[row] as number) ? null : 'database';
}

/** With a part of the client ledgers missing, the send may stand in that part. */
function isOfMissingSend(ledgers: Ledgers, table: RowTable, row: number, flaw: Flaw): boolean {
  if (flaw === 'unsent') return true;
  // Without any header not even the run's own keys are known; with one, an own
  // key beyond the tables is one whose sending is not in what was read.
  if (flaw !== 'foreign') return false;
  const { nonce, foreign } = ledgers.keys;
  return nonce === '' || (foreign[-1 - (table.key[row] as number)] ?? '').startsWith(`${nonce}-`);
}
