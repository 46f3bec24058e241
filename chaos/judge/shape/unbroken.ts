/** Who ended with a hole in what it received, by its own book (`R` lines). */
import { RECEIPT_FIELDS } from '../../ledger/client-records.ts';
import type { Ledgers } from '../../ledger/ledgers.ts';

/** Users who have a second range in some channel. */
export function usersWithGap({ records }: Ledgers): ReadonlySet<number> {
  const receipts = records.receipts.view();
  const users = new Set<number>();
  for (let at = 0; at < receipts.length; at += RECEIPT_FIELDS) {
    if ((receipts[at + 2] as number) > 1) users.add(receipts[at] as number);
  }
  return users;
}
