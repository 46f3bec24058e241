/** Every sabotage of the server, by name: the parts that it replaces. */
import type { ServerParts } from '../server.ts';
import { acknowledgeBeforeCommit } from './acknowledge-before-commit.ts';
import {
  acknowledgeBeforeFlush,
  acknowledgeBeforeReplication,
  acknowledgeCancelledWait,
} from './connection-settings.ts';
import { deliveryChanged, deliveryDoubled, deliveryDropped, deliverySwapped } from './fan-out.ts';
import { drainDropsQueue } from './drain-drops-queue.ts';
import { authorSwapped, bodyTruncated, keyReused } from './changed-messages.ts';
import { historyAuthorSwapped, historySkipsOne, staleHistory } from './history.ts';
import { deliveryToStranger, membershipIgnored, resumeSkipsOne } from './memberships.ts';
import type { SabotageName } from './names.ts';
import { sequenceOutsideTransaction } from './sequence-outside-transaction.ts';
import { expiredTokenAccepted, signatureIgnored } from './tokens.ts';

export const SABOTAGED_PARTS: Readonly<Record<SabotageName, Partial<ServerParts>>> = {
  'acknowledge-before-commit': acknowledgeBeforeCommit,
  'acknowledge-before-flush': acknowledgeBeforeFlush,
  'acknowledge-before-replication': acknowledgeBeforeReplication,
  'acknowledge-cancelled-wait': acknowledgeCancelledWait,
  'author-swapped': authorSwapped,
  'body-truncated': bodyTruncated,
  'delivery-changed': deliveryChanged,
  'delivery-doubled': deliveryDoubled,
  'delivery-dropped': deliveryDropped,
  'delivery-swapped': deliverySwapped,
  'delivery-to-stranger': deliveryToStranger,
  'drain-drops-queue': drainDropsQueue,
  'expired-token-accepted': expiredTokenAccepted,
  'history-author-swapped': historyAuthorSwapped,
  'history-skips-one': historySkipsOne,
  'key-reused': keyReused,
  'membership-ignored': membershipIgnored,
  'resume-skips-one': resumeSkipsOne,
  'sequence-outside-transaction': sequenceOutsideTransaction,
  'signature-ignored': signatureIgnored,
  'stale-history': staleHistory,
};
