/**
 * C33: caching lowers the load on the database. The share of newest pages that
 * the chat servers served without a query during the load, and the queries for
 * the same page asked so that the cache may serve it and so that it may not
 * (`chaos/history-cost.ts`).
 */
import { totalOf } from '../../chaos/service-counters.ts';
import { percentText, type ClaimEvidence, type ClaimResult } from './claim.ts';

/** With fewer a ratio says little. */
const REQUESTS_MIN = 20;
/** Queries a request, at most that share of what they are without. */
const READS_SHARE_MAX = 0.5;

export function caching({ observed }: ClaimEvidence): ClaimResult {
  const { countedLoad, historyCost } = observed.service;
  const required = `fewer than half of the database reads per history request, the same pages, and a hit ratio over ${REQUESTS_MIN} requests or more`;
  const untested = (evidence: string): ClaimResult => ({
    status: 'not-tested',
    measured: '–',
    required,
    evidence,
  });
  if (historyCost === null || countedLoad === null)
    return untested('what history costs was not tried');
  const counters = new Map(
    Object.entries(countedLoad).filter(([series]) => series.includes('page="newest"')),
  );
  const hits = totalOf(counters, 'chat_history_requests_total', 'source="cache"');
  const requests = totalOf(counters, 'chat_history_requests_total');
  if (requests < REQUESTS_MIN) return untested(`users asked for ${requests} newest pages`);
  const { readsWith, readsWithout, same } = historyCost;
  const perRequest = (reads: number): string => (reads / historyCost.requests).toFixed(2);
  const result = {
    measured: `${percentText(hits / requests)} of ${requests} newest pages served from memory during the load; ${perRequest(readsWith)} database reads per request with the cache, ${perRequest(readsWithout)} without, ${same ? 'the same pages' : 'different pages'}`,
    required,
    evidence: 'events counted (load) and history-tried',
  };
  if (readsWithout === 0) return untested('the database was not read without the cache either');
  const lower = readsWith < READS_SHARE_MAX * readsWithout && hits > 0;
  return { ...result, status: lower && same ? 'held' : 'refuted' };
}
