/**
 * All checkers, in the order in which reports list them. A new one is a file
 * beside this and a line in `checkAll`.
 */
import type { CheckResult } from '../findings.ts';
import type { Ledgers } from '../ledger/ledgers.ts';
import { allDelivered, measureDeliveries, type Delivered } from './all-delivered.ts';
import { ambiguousSends } from './ambiguous-sends.ts';
import { deliveredOnce } from './delivered-once.ts';
import { monotonicReads } from './monotonic-reads.ts';
import { noDuplicates } from './no-duplicates.ts';
import { noEarlyVisibility } from './no-early-visibility.ts';
import { findLostMessages, noLostMessages, type LostMessage } from './no-lost-messages.ts';
import { noPhantoms } from './no-phantoms.ts';
import { nodesAgree } from './nodes-agree.ts';
import { senderOrder } from './sender-order.ts';

export interface Checked {
  readonly checks: readonly CheckResult[];
  /** What two of the checkers found on their way, for the figures that are made of it. */
  readonly lost: readonly LostMessage[];
  readonly delivered: Delivered;
}

export function checkAll(ledgers: Ledgers): Checked {
  const lost = findLostMessages(ledgers);
  const delivered = measureDeliveries(ledgers);
  const checks = [
    noLostMessages(ledgers, lost),
    noDuplicates(ledgers),
    senderOrder(ledgers),
    noPhantoms(ledgers),
    allDelivered(ledgers, delivered),
    noEarlyVisibility(ledgers),
    deliveredOnce(ledgers),
    monotonicReads(ledgers),
    ambiguousSends(ledgers),
    nodesAgree(ledgers),
  ];
  return { checks, lost, delivered };
}
