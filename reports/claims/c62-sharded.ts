/**
 * C62: the database is sharded. Two or more databases, each a replicated cluster
 * of its own, hold the channels between them; the loss of one's primary leaves
 * the others' users untouched: what is sent to the others' channels meanwhile is
 * acknowledged as if nothing had happened, at the first attempt, and never is
 * there a time without an acknowledgement that anybody would notice.
 *
 * Evidence: the rows of each database, and for each fault that took a primary
 * away and got a new one the messages to channels of the other databases, from
 * the strike until redundancy was back.
 */
import type { Elsewhere, FaultReport } from '../../chaos/findings.ts';
import { percentText, realFaults, type ClaimEvidence, type ClaimResult } from './claim.ts';

/** The bound within which a message counts as sent at once. */
const GAP_MS_MAX = 1_000;

type Failover = FaultReport & { readonly elsewhere: Elsewhere };

const isUntouched = ({ elsewhere }: Failover, objective: number): boolean =>
  (elsewhere.asSent ?? 0) >= objective && (elsewhere.longestGapMs ?? Infinity) <= GAP_MS_MAX;

const inWords = ({ id, elsewhere }: Failover): string =>
  `${id}: ${elsewhere.messages} messages to the others, ` +
  `${elsewhere.asSent === null ? 'none' : percentText(elsewhere.asSent)} acknowledged at once, ` +
  `longest gap ${elsewhere.longestGapMs ?? 'unknown'} ms`;

export function sharded({ findings }: ClaimEvidence): ClaimResult {
  const { plan, writes, availability } = findings;
  const failovers = realFaults(findings).filter(
    (fault): fault is Failover => fault.newPrimary !== null && fault.elsewhere !== null,
  );
  const shares = writes.byDatabase.map((rows) => rows.toLocaleString('en-GB')).join(' and ');
  const result = {
    measured: [`${shares} rows in ${plan.databases} databases`, ...failovers.map(inWords)].join(
      '; ',
    ),
    required: `at least 2 databases that each hold rows; while one has no primary, ${percentText(availability.objective)} of the messages to the others acknowledged within 1 s at the first attempt, no gap over 1 s`,
    evidence: 'writes.byDatabase and faults: elsewhere',
  };
  if (plan.databases < 2) {
    const evidence = 'this run had one database; holdfast gate --shards 2 has two';
    return { ...result, status: 'not-tested', evidence };
  }
  if (writes.byDatabase.some((rows) => rows === 0)) {
    return { ...result, status: 'refuted', evidence: 'a database holds no rows' };
  }
  if (failovers.length === 0) {
    const evidence = 'no fault of this run took a primary away';
    return { ...result, status: 'not-tested', evidence };
  }
  const untouched = failovers.every((fault) => isUntouched(fault, availability.objective));
  return { ...result, status: untouched ? 'held' : 'refuted' };
}
