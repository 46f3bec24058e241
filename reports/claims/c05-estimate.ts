/**
 * C05: the estimate (users × one message a minute = 333/s) is sound. "Sends or
 * receives one message" is not one figure but three, measured apart: what users
 * send, what their members receive of it (a message has many receivers), and
 * what the database writes (each message one row, on every node).
 *
 * Held: before anything is broken sends are what the estimate says, and the database writes one row for
 * each. Deliveries are many times that, by the fan-out: the estimate is no
 * estimate of those.
 */
import { atUsers, type ClaimEvidence, type ClaimResult } from './claim.ts';

const INTERVAL_SEC = 60;
/** The tolerance of the precondition on the load offered. */
const TOLERANCE = 0.01;
/** Standard deviations by which a count of messages may differ by chance: a short time cuts intervals in two. */
const DEVIATIONS = 3;

const isNear = (measured: number, expected: number, tolerance = TOLERANCE): boolean =>
  Math.abs(measured - expected) <= tolerance * expected;

export function estimate({ findings }: ClaimEvidence): ClaimResult {
  const { plan, rates, deliveries, writes, window, messages } = findings;
  const perSec = (count: number): string =>
    window.seconds === 0 ? 'unknown' : `${(count / window.seconds).toFixed(1)}/s`;
  const estimatedHz = plan.users / INTERVAL_SEC;
  const result = {
    measured: `${rates.steadyHz?.toFixed(1) ?? 'unknown'}/s sent, ${perSec(deliveries.received)} delivered (${deliveries.fanOut?.toFixed(1) ?? 'unknown'} a message), ${perSec(writes.rows)} rows written on each of ${writes.nodes} nodes${atUsers(findings)}`,
    required: `${estimatedHz.toFixed(1)}/s sent, one row written for each, deliveries measured apart`,
    evidence: 'rates, deliveries and writes in verdict.json',
  };
  const isSteady = plan.shape === 'steady' || plan.shape === 'soak';
  if (!isSteady || plan.intervalSec !== INTERVAL_SEC) {
    const evidence = 'this run was not made with one message a user and minute all the time';
    return { ...result, status: 'not-tested', evidence };
  }
  if (rates.steadyHz === null || writes.nodes === 0 || deliveries.received === 0) {
    return { ...result, status: 'not-tested', evidence: 'not all of the three were measured' };
  }
  const byChance = DEVIATIONS / Math.sqrt(Math.max(1, estimatedHz * window.seconds));
  const isSound =
    isNear(rates.steadyHz, estimatedHz, Math.max(TOLERANCE, byChance)) &&
    isNear(writes.rows, messages.acknowledged);
  return { ...result, status: isSound ? 'held' : 'refuted' };
}
