/**
 * A member is not told twice: deliveries come once, unless somebody asked
 * again. A member that sees a gap or reconnects asks for everything after its
 * unbroken range, and a sender that gets no answer sends again; a second
 * delivery after that is the price of resuming and is counted apart
 * (`redelivered`), because the sequence lets every client drop it.
 *
 * Evidence: duplicates on `R` lines; `G`, `C` and `S` lines for the reasons.
 * Limit: an `R` line counts per channel, so one reason explains all
 * duplicates of that member in that channel.
 */
import type { CheckResult } from '../findings.ts';
import { memberKey, RECEIPT_FIELDS } from '../ledger/client-records.ts';
import type { Ledgers } from '../ledger/ledgers.ts';
import { clientLedgerFile } from '../run-directory.ts';
import { conclude, missingClients } from './check-result.ts';

export function deliveredOnce(ledgers: Ledgers): CheckResult {
  const { records } = ledgers;
  const receipts = records.receipts.view();
  const examples: string[] = [];
  let deliveredTwice = 0;
  let redelivered = 0;
  for (let at = 0; at < receipts.length; at += RECEIPT_FIELDS) {
    const count = receipts[at + 4] as number;
    if (count === 0) continue;
    const [user, channel] = [receipts[at] as number, receipts[at + 1] as number];
    const explained =
      (records.connects[user] as number) > 1 ||
      records.resumed.has(memberKey(user, channel)) ||
      records.resentIn.has(channel);
    if (explained) {
      redelivered += count;
      continue;
    }
    deliveredTwice += count;
    examples.push(
      `user ${user} got ${count} deliveries of channel ${channel} again without asking: ${clientLedgerFile(receipts[at + 6] as number)}:${receipts[at + 7]}`,
    );
  }
  return conclude({
    id: 'delivered-twice',
    title: 'No member received a message twice without having asked again',
    counts: { deliveredTwice, redelivered },
    refuted: deliveredTwice > 0,
    examples,
    missing: missingClients(ledgers),
    detail:
      'Counted in deliveries. redelivered: after a reconnect, a gap or a retry in the channel; legal.',
  });
}
