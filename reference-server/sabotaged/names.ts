/** The names that `SABOTAGE` may have, apart from the parts themselves, which need the server's packages. */
export const SABOTAGES = [
  'acknowledge-before-commit',
  'acknowledge-before-flush',
  'acknowledge-before-replication',
  'acknowledge-cancelled-wait',
  'author-swapped',
  'body-truncated',
  'delivery-changed',
  'delivery-doubled',
  'delivery-dropped',
  'delivery-swapped',
  'delivery-to-stranger',
  'drain-drops-queue',
  'expired-token-accepted',
  'history-author-swapped',
  'history-skips-one',
  'key-reused',
  'membership-ignored',
  'resume-skips-one',
  'sequence-outside-transaction',
  'signature-ignored',
  'stale-history',
] as const;

export type SabotageName = (typeof SABOTAGES)[number];
