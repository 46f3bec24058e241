/**
 * What a reader has seen stays seen: for one reader and channel, the newest
 * history never ends before where it ended when the same reader asked earlier.
 * A replica that lags, served as if it were the newest, breaks that.
 *
 * Evidence: `H` lines, in each user's order. A generator that records none
 * has not tested it, and that is what the result says.
 */
import type { CheckResult } from '../findings.ts';
import { HISTORY_READ_FIELDS, memberKey } from '../ledger/client-records.ts';
import type { Ledgers } from '../ledger/ledgers.ts';
import { clientLedgerFile } from '../run-directory.ts';
import { conclude, missingClients, notTested } from './check-result.ts';

const ID = 'stale-reads';
const TITLE = 'No reader was shown a history older than one it had seen before';

export function monotonicReads(ledgers: Ledgers): CheckResult {
  const reads = ledgers.records.historyReads.view();
  if (reads.length === 0) return notTested(ID, TITLE, 'No user of this run asked for history.');
  const highest = new Map<number, number>();
  const examples: string[] = [];
  let staleReads = 0;
  for (let at = 0; at < reads.length; at += HISTORY_READ_FIELDS) {
    const [user = 0, channel = 0, sequence = 0, shard = 0, line = 0] = reads.subarray(
      at,
      at + HISTORY_READ_FIELDS,
    );
    const key = memberKey(user, channel);
    const before = highest.get(key) ?? 0;
    if (sequence >= before) {
      highest.set(key, sequence);
      continue;
    }
    staleReads++;
    examples.push(
      `user ${user} was shown channel ${channel} up to ${sequence}, and up to ${before} before: ${clientLedgerFile(shard)}:${line}`,
    );
  }
  return conclude({
    id: ID,
    title: TITLE,
    counts: { reads: reads.length / HISTORY_READ_FIELDS, staleReads },
    refuted: staleReads > 0,
    examples,
    missing: missingClients(ledgers),
    detail: 'Counted in answers.',
  });
}
