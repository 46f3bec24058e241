/**
 * C21: load balancers spread load evenly: connections per chat server, the
 * largest over the mean, at the fullest moment of the window.
 */
import { atUsers, type ClaimEvidence, type ClaimResult } from './claim.ts';

const RATIO_MAX = 1.2;

export function evenLoad({ findings, observed }: ClaimEvidence): ClaimResult {
  const counts = Object.values(observed.socketsByServer);
  const required = `largest over mean at most ${RATIO_MAX}`;
  const mean = counts.reduce((sum, count) => sum + count, 0) / Math.max(1, counts.length);
  if (counts.length < 2 || mean === 0) {
    return {
      status: 'not-tested',
      measured: '–',
      required,
      evidence: 'fewer than two servers counted their sockets in the window',
    };
  }
  const ratio = Math.max(...counts) / mean;
  const servers = Object.entries(observed.socketsByServer)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([server, count]) => `${server} ${count}`);
  return {
    status: ratio <= RATIO_MAX ? 'held' : 'refuted',
    measured: `${(Math.ceil(ratio * 1e3) / 1e3).toFixed(3)} (${servers.join(', ')})${atUsers(findings)}`,
    required,
    evidence: 'events sockets',
  };
}
