/** Claims of the made-up run (`sample-run.fixture.ts`): figures nobody measured. */
import type { ClaimReport } from './verdict.ts';

const claim = (
  group: string,
  id: string,
  title: string,
  status: ClaimReport['status'],
  measured: string,
  required: string,
  evidence: string,
): ClaimReport => ({ group, id, title, status, measured, required, evidence });

export const sampleClaims: readonly ClaimReport[] = [
  claim(
    'Volume',
    'C01',
    '20,000 users are connected at once',
    'held',
    '20,000 open sockets',
    '20,000 for the whole window',
    'metrics/series.json',
  ),
  claim(
    'Volume',
    'C02',
    '333 messages/s, nothing acknowledged is lost',
    'held',
    '333.1/s, 0 lost',
    '333/s, 0 lost',
    'lost',
  ),
  claim(
    'Volume',
    'C03',
    'available at least 99 % of the time',
    'held',
    '99.803 %',
    '99 %',
    'events.jsonl',
  ),
  claim('Crisis', 'C11', 'an outage loses no data', 'held', '0 lost in 3 faults', '0', 'lost'),
  claim(
    'Crisis',
    'C12',
    'failover is automatic',
    'held',
    '3 of 3',
    'no command of the harness',
    'events.jsonl',
  ),
  claim(
    'Crisis',
    'C13',
    'backups are encrypted with AES-256, scheduled and off site',
    'not-tested',
    '–',
    'no canary in the bytes',
    'no backup component in this profile',
  ),
  claim(
    'Network',
    'C22',
    'DNS failover',
    'not-tested',
    '–',
    'a live edge in 5 s',
    'no name server in this profile',
  ),
];
