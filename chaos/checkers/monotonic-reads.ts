/**
 * What a reader has seen stays seen: for one reader and channel, the newest
 * history never ends before where it ended when the same reader asked earlier,
 * nor before the messages that it had received live when it asked. A replica
 * that lags, served as if it were the newest, breaks that.
 *
 * Evidence: `H` lines, in each user's order. A run whose users do not read
 * history has not tested it, and that is what the result says; one whose users
 * should have read and were shown nothing does not know.
 *
 * Limit: a reader is compared with itself. That it could have been shown even
 * newer messages, which it knew nothing of, is no one's promise.
 */
import type { CheckResult } from '../findings.ts';
import { HISTORY_READ_FIELDS, memberKey } from '../ledger/client-records.ts';
import type { Ledgers } from '../ledger/ledgers.ts';
import { clientLedgerFile } from '../run-directory.ts';
import { conclude, missingClients, missingReads, notTested } from './check-result.ts';

const ID = 'stale-reads';
const TITLE = 'No reader was shown a history older than what it had seen before';

export function monotonicReads(ledgers: Ledgers): CheckResult {
  const reads = ledgers.records.historyReads.view();
  const missing = missingReads(ledgers);
  if (reads.length === 0 && missing.length === 0) {
    return notTested(ID, TITLE, 'No user of this run asked for history.');
  }
  const highest = new Map<number, number>();
  const examples: string[] = [];
  let [backwards, behindDeliveries] = [0, 0];
  for (let at = 0; at < reads.length; at += HISTORY_READ_FIELDS) {
    const [user = 0, channel = 0, known = 0, , to = 0, , shard = 0, line = 0] = reads.subarray(
      at,
      at + HISTORY_READ_FIELDS,
    );
    const key = memberKey(user, channel);
    const before = highest.get(key) ?? 0;
    highest.set(key, Math.max(before, to));
    if (to >= before && to >= known) continue;
    const place = `${clientLedgerFile(shard)}:${line}`;
    if (to < before) backwards++;
    else behindDeliveries++;
    const [seen, how] = to < before ? [before, 'before'] : [known, 'live before'];
    examples.push(
      `user ${user} was shown channel ${channel} up to ${to}, and up to ${seen} ${how}: ${place}`,
    );
  }
  return conclude({
    id: ID,
    title: TITLE,
    counts: {
      reads: reads.length / HISTORY_READ_FIELDS,
      backwards,
      behindDeliveries,
      unanswered: ledgers.records.unansweredReads,
    },
    refuted: backwards + behindDeliveries > 0,
    examples,
    missing: [...missingClients(ledgers), ...missing],
    detail:
      'Counted in answers: backwards from an earlier answer, or behind what the reader had received.',
  });
}
