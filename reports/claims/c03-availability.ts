/**
 * C03: available at least 99 % of the time, over the whole window with the
 * faults in it. Shown against 99.9 and 99.99 too. A window in which nothing
 * broke shows nothing about it.
 */
import { isUnderForSure } from '../verdict.ts';
import { atUsers, percentText, realFaults, type ClaimEvidence, type ClaimResult } from './claim.ts';

/** The mission's figure, whatever objective the plan set itself. */
const REQUIRED = 0.99;

export function availability({ findings }: ClaimEvidence): ClaimResult {
  const { withRetries, asSent, deadlineMs, asSentMs } = findings.availability;
  const faults = realFaults(findings);
  const reached = [0.999, 0.9999].map(
    (bar) => `${bar * 100} %: ${withRetries !== null && withRetries >= bar ? 'yes' : 'no'}`,
  );
  const result = {
    measured:
      withRetries === null
        ? 'no whole window'
        : `${percentText(withRetries)} within ${deadlineMs} ms, as sent ${percentText(asSent ?? 0)} within ${asSentMs} ms; ${reached.join(', ')}${atUsers(findings)}`,
    required: 'at least 99 % of the messages with retries, faults in the window',
    evidence: `availability.withRetries over ${Math.round(findings.window.seconds)} s with ${faults.length} faults`,
  };
  if (withRetries === null) return { ...result, status: 'not-tested' };
  if (withRetries < REQUIRED) {
    return isUnderForSure(findings, REQUIRED)
      ? { ...result, status: 'refuted' }
      : { ...result, status: 'not-tested', evidence: 'the generator was not fit to judge it' };
  }
  if (faults.length === 0) {
    return { ...result, status: 'not-tested', evidence: 'nothing broke in the window of this run' };
  }
  return { ...result, status: 'held' };
}
