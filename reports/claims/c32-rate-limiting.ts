/**
 * C32: rate limiting stops abuse and leaves others alone. One user floods the
 * service after the load (`chaos/flood.ts`) beside bystanders on every server:
 * most of the flood has to be refused, and the bystander who waits the longest
 * must not wait longer than before.
 *
 * Refuted by a median that moved or a bystander left unanswered. A tail that
 * moved alone may be the machine's doing and shows nothing.
 */
import type { ClaimEvidence, ClaimResult } from './claim.ts';

/** Of a flood of 1,000 messages a second a user is granted 50, and 200 at once. */
const ACKNOWLEDGED_SHARE_MAX = 0.5;
/** Two gatherings of a batch: what one more or less in the queue may cost by chance. */
const MOVED_MS_MAX = 50;

export function rateLimiting({ observed }: ClaimEvidence): ClaimResult {
  const { flood } = observed.service;
  const required = `the flood limited to under half, no bystander unanswered or slower by more than ${MOVED_MS_MAX} ms (half of all messages, and 95 %)`;
  if (flood === null || flood.sent === 0 || flood.bystanders === 0) {
    return { status: 'not-tested', measured: '–', required, evidence: 'no flood was tried' };
  }
  const { quietMs, floodMs, bystandersUnanswered } = flood;
  const limited = flood.limited > 0 && flood.acknowledged < ACKNOWLEDGED_SHARE_MAX * flood.sent;
  const result = {
    measured: `${flood.sent} messages in ${flood.forMs / 1_000} s: ${flood.acknowledged} acknowledged, ${flood.limited} refused as too many; the slowest bystander waited ${quietMs.p50} ms (p95 ${quietMs.p95} ms) before and ${floodMs.p50} ms (p95 ${floodMs.p95} ms) meanwhile, ${bystandersUnanswered} of them unanswered`,
    required,
    evidence: 'event flood-tried: after the load, on an otherwise idle service',
  };
  const medianMoved = floodMs.p50 - quietMs.p50 > MOVED_MS_MAX;
  if (!limited || bystandersUnanswered > 0 || medianMoved) return { ...result, status: 'refuted' };
  if (floodMs.p95 - quietMs.p95 > MOVED_MS_MAX) {
    const evidence =
      'half of the messages were as fast as before, the slowest were not: noise or not, this run cannot tell';
    return { ...result, status: 'not-tested', evidence };
  }
  return { ...result, status: 'held' };
}
