/**
 * All checkers, in the order in which reports list them. A new one is a file
 * beside this and a line here.
 */
import type { CheckResult } from '../findings.ts';
import type { Ledgers } from '../ledger/ledgers.ts';
import { allDelivered } from './all-delivered.ts';
import { ambiguousSends } from './ambiguous-sends.ts';
import { deliveredOnce } from './delivered-once.ts';
import { noDuplicates } from './no-duplicates.ts';
import { noLostMessages } from './no-lost-messages.ts';
import { noPhantoms } from './no-phantoms.ts';
import { nodesAgree } from './nodes-agree.ts';
import { senderOrder } from './sender-order.ts';

export type Checker = (ledgers: Ledgers) => CheckResult;

export const CHECKERS: readonly Checker[] = [
  noLostMessages,
  noDuplicates,
  senderOrder,
  noPhantoms,
  (ledgers) => allDelivered(ledgers),
  deliveredOnce,
  ambiguousSends,
  nodesAgree,
];
