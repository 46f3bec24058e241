/**
 * Was the abuser limited? Where the service told it so, with an error of its
 * own, it was. Without any such answer it is not known whether the service has
 * no limit or a larger one, so nothing is held against it.
 *
 * Evidence: `E` lines.
 */
import { ERROR_CODES } from '../../../scenarios/client-ledger.ts';
import { conclude, missingClients, notTested } from '../../checkers/check-result.ts';
import type { CheckResult } from '../../findings.ts';
import type { Ledgers } from '../../ledger/ledgers.ts';

const ID = 'abuser-limited';
const TITLE = 'Whoever sent far more than is fair was told to wait';
const RATE_LIMITED = ERROR_CODES.findIndex((code: string) => code === 'rate-limited');

export function abuserLimited(ledgers: Ledgers): CheckResult {
  const limited = ledgers.records.errors.get(RATE_LIMITED) ?? 0;
  if (limited === 0) return notTested(ID, TITLE, 'Nobody was told to: is there a limit?');
  return conclude({
    ...{ id: ID, title: TITLE, counts: { limited }, refuted: false, examples: [] },
    missing: missingClients(ledgers),
    detail: 'Counted in messages that were answered with rate-limited.',
  });
}
