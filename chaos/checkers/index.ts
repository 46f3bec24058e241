/**
 * All checkers, in the order in which reports list them. A new one is a file
 * beside this and a line in `checkAll`.
 */
import type { CheckResult } from '../findings.ts';
import type { Ledgers } from '../ledger/ledgers.ts';
import { allDelivered, measureDeliveries, type Delivered } from './all-delivered.ts';
import { ambiguousSends } from './ambiguous-sends.ts';
import { deliveredOnce } from './delivered-once.ts';
import { deliveriesAsStored } from './deliveries-as-stored.ts';
import { historyAsStored } from './history-as-stored.ts';
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
  const lost = attempt(() => findLostMessages(ledgers)) ?? undefined;
  const delivered = attempt(() => measureDeliveries(ledgers)) ?? undefined;
  const checkers: Readonly<Record<string, () => CheckResult>> = {
    lost: () => noLostMessages(ledgers, lost),
    duplicated: () => noDuplicates(ledgers),
    reordered: () => senderOrder(ledgers),
    phantom: () => noPhantoms(ledgers),
    undelivered: () => allDelivered(ledgers, delivered),
    'visible-early': () => noEarlyVisibility(ledgers),
    'delivered-twice': () => deliveredOnce(ledgers),
    'wrong-delivery': () => deliveriesAsStored(ledgers),
    'stale-reads': () => monotonicReads(ledgers),
    'wrong-history': () => historyAsStored(ledgers),
    ambiguous: () => ambiguousSends(ledgers),
    'nodes-agree': () => nodesAgree(ledgers),
  };
  const checks = Object.entries(checkers).map(([id, check]) => concluded(id, check));
  return { checks, lost: lost ?? [], delivered: delivered ?? NOTHING_DELIVERED };
}

const NOTHING_DELIVERED: Delivered = {
  received: 0,
  expected: 0,
  undelivered: 0,
  beyondHead: 0,
  strangers: 0,
  examples: [],
};

/** Null: it crashed; the checker it is for crashes over it once more, and says so. */
function attempt<T>(measure: () => T): T | null {
  try {
    return measure();
  } catch {
    return null;
  }
}

/** A checker that crashed has not found that all is well. */
function concluded(id: string, check: () => CheckResult): CheckResult {
  try {
    return check();
  } catch (error) {
    return {
      id,
      title: `The checker “${id}” reached its end`,
      kind: 'unknown',
      counts: {},
      examples: [],
      detail: `It crashed: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}
