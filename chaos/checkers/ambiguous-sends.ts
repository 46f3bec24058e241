/**
 * Sent, never acknowledged: such a message may be stored or not, both are
 * legal. They are counted so that nobody has to wonder where they went, and
 * that many of them are seen; no number of them breaks a promise of
 * durability. What they cost shows in the availability.
 */
import { ERROR_CODES } from '../../scenarios/client-ledger.ts';
import type { CheckResult } from '../findings.ts';
import { completeRows, type Ledgers } from '../ledger/ledgers.ts';
import { messageCount, wasAcknowledged, wasSent } from '../ledger/messages.ts';
import { conclude, EXAMPLES_MAX, missingClients, missingRows } from './check-result.ts';
import { sentPlace } from './positions.ts';

export function ambiguousSends(ledgers: Ledgers): CheckResult {
  const { messages, errors } = ledgers.records;
  const tables = [...new Set(completeRows(ledgers).map((rows) => rows.table))];
  const examples: string[] = [];
  let [ambiguous, stored, absent] = [0, 0, 0];
  for (let message = 0; message < messageCount(messages); message++) {
    if (!wasSent(messages, message) || wasAcknowledged(messages, message)) continue;
    ambiguous++;
    if (examples.length < EXAMPLES_MAX) examples.push(sentPlace(ledgers, message));
    if (tables.length === 0) continue;
    if (tables.some((table) => table.rowOf[message] !== 0)) stored++;
    else absent++;
  }
  const answers = [...errors]
    .sort(([left], [right]) => left - right)
    .map(([code, count]) => `${ERROR_CODES[code] ?? 'unknown'} ${count}`);
  return conclude({
    id: 'ambiguous',
    title: 'Messages without an acknowledgement are counted, and owed nothing',
    counts: { ambiguous, stored, absent },
    refuted: false,
    examples,
    missing: [...missingRows(ledgers), ...missingClients(ledgers)],
    detail: `Legal: sent, never acknowledged. Errors the service answered with: ${answers.length === 0 ? 'none' : answers.join(', ')}.`,
  });
}
