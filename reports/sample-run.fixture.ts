/**
 * A made-up run for the tests of the renderers: the shape of a real one, with
 * figures nobody measured. Its name and its environment say so. Nothing but
 * tests imports it, and nothing made from it is a result.
 */
import type { CheckResult } from '../chaos/findings.ts';
import { faultsByKind } from './by-kind.ts';
import type { Environment } from './environment.ts';
import { sampleClaims } from './sample-claims.fixture.ts';
import { sampleFault } from './sample-fault.fixture.ts';
import { FROM_MS, sampleSeries, SECONDS } from './sample-series.fixture.ts';
import { VERDICT_SCHEMA, type Verdict } from './verdict.ts';

const FAULTS = [sampleFault(0), sampleFault(1), sampleFault(2)];

export const sampleVerdict: Verdict = {
  schema: VERDICT_SCHEMA,
  verdict: 'pass',
  exitCode: 0,
  reasons: [],
  run: '20260301T140211Z-sample',
  plan: {
    name: 'sample',
    seed: 7,
    users: 20_000,
    intervalSec: 60,
    shape: 'steady',
    roundTripsMs: [],
    faults: ['kill-postgres', 'kill-server', 'cut-link'],
    guard: true,
    databases: 1,
  },
  window: {
    from: new Date(FROM_MS).toISOString(),
    to: new Date(FROM_MS + SECONDS * 1_000).toISOString(),
    seconds: SECONDS,
  },
  preconditions: [
    {
      id: 'offered-load',
      title: 'The load that was planned was offered',
      met: true,
      measured: '333.3 messages/s',
      required: 'at least 330.0 messages/s',
    },
    {
      id: 'generator',
      title: 'The generator was not saturated',
      met: true,
      measured: 'largest lag 84 ms',
      required: 'at most 500 ms',
    },
    {
      id: 'faults-bitten',
      title: 'Every fault is proven to have bitten',
      met: true,
      measured: '3 of 3',
      required: '3 of 3',
    },
    {
      id: 'clocks',
      title: 'Clocks agree',
      met: true,
      measured: '0.4 ms ± 0.9 ms',
      required: 'at most 50 ms',
    },
  ],
  checks: [
    {
      id: 'lost',
      title: 'No acknowledged message is missing on a surviving node',
      kind: 'held',
      counts: { lost: 0, acknowledged: 139_946 },
      examples: [],
      detail: 'Four nodes were read, all of them completely.',
    },
    {
      id: 'duplicated',
      title: 'No message is stored twice',
      kind: 'held',
      counts: { duplicated: 0 },
      examples: [],
      detail: '',
    },
    {
      id: 'undelivered',
      title: 'Every member received every message of its channels',
      kind: 'held',
      counts: { undelivered: 0 },
      examples: [],
      detail: '',
    },
  ],
  messages: {
    offered: 139_986,
    acknowledged: 139_946,
    lost: 0,
    duplicated: 0,
    reordered: 0,
    phantom: 0,
    undelivered: 0,
    deliveredTwice: 412,
    ambiguous: 40,
  },
  deliveries: { received: 2_801_345, expected: 2_801_345, fanOut: 20.02 },
  writes: { rows: 139_986, nodes: 4, byDatabase: [139_986] },
  rates: { offeredHz: 333.3, acknowledgedHz: 333.2, steadyHz: 333.3 },
  machine: { busyCores: 1.385, cores: 2 },
  availability: {
    objective: 0.99,
    deadlineMs: 5_000,
    asSentMs: 1_000,
    asSent: 0.97214,
    withRetries: 0.998035,
    withRetriesAtBest: 0.998035,
    userSecondsLost: 412,
    byPhase: {
      steady: { messages: 61_660, asSent: 1, withRetries: 1 },
      campaign: { messages: 78_326, asSent: 0.95012, withRetries: 0.99648 },
    },
  },
  deliveryMs: { p50: 21, p95: 55, p99: 2_750, max: 6_400 },
  latencyMs: { p50: 13.4, p95: 38, p99: 2_610, max: 6_120 },
  latencyAsSentMs: { p50: 13.4, p95: 39, p99: null, max: 2_980 },
  latencyByPhaseMs: {
    steady: { p50: 12.9, p95: 29, p99: 61, max: 240 },
    campaign: { p50: 14.2, p95: 1_120, p99: 4_010, max: 6_120 },
  },
  latencyAsSentByPhaseMs: {
    steady: { p50: 12.9, p95: 29, p99: 61, max: 240 },
    campaign: { p50: 14.2, p95: 1_310, p99: null, max: 2_980 },
  },
  faults: FAULTS,
  skipped: [],
  ...faultsByKind(FAULTS),
  confidence: { failovers: 3, losing: 0, upperBound95: 0.63157 },
  claims: sampleClaims,
};

export const sampleRefutedCheck: CheckResult = {
  id: 'lost',
  title: 'No acknowledged message is missing on a surviving node',
  kind: 'refuted',
  counts: { lost: 3, acknowledged: 139_946 },
  examples: [
    'sample-17-3 acknowledged as 41 in channel 12, on none of db2, db3, db4 (clients-0.log:88121)',
  ],
  detail: 'Three acknowledged keys are on no node.',
};

const MISSED = { withRetries: 0.98114, withRetriesAtBest: 0.98114 };
/** The same run with 3 lost messages and a bad afternoon. */
export const sampleFailure: Verdict = {
  ...sampleVerdict,
  verdict: 'fail',
  exitCode: 1,
  reasons: [
    '3 acknowledged messages are on no surviving node (check lost).',
    'Available with retries 98.114 %, 99 % required.',
  ],
  messages: { ...sampleVerdict.messages, lost: 3 },
  availability: { ...sampleVerdict.availability, ...MISSED },
  checks: [sampleRefutedCheck, ...sampleVerdict.checks.slice(1)],
  claims: sampleVerdict.claims.map((one) =>
    one.id === 'C11' ? { ...one, status: 'refuted', measured: '3 lost' } : one,
  ),
};

/** The same run, in which one fault did not bite and one checker could not say. */
export const sampleInconclusive: Verdict = {
  ...sampleVerdict,
  verdict: 'inconclusive',
  exitCode: 2,
  reasons: ['A fault is not proven to have bitten: fault-3 (cut-link on db3).'],
  preconditions: sampleVerdict.preconditions.map((one) =>
    one.id === 'faults-bitten' ? { ...one, met: false, measured: '2 of 3' } : one,
  ),
  checks: sampleVerdict.checks.map((one) =>
    one.id === 'undelivered' ? { ...one, kind: 'unknown', detail: 'A shard left no ledger.' } : one,
  ),
  faults: [
    sampleFault(0),
    sampleFault(1),
    {
      ...sampleFault(2),
      proof: {
        bitten: false,
        observations: [{ what: 'dropped packets', seen: 'counter stayed at 0', ok: false }],
      },
    },
  ],
};

/** A run that was killed before anything happened. */
export const sampleNothing: Verdict = {
  ...sampleVerdict,
  verdict: 'inconclusive',
  exitCode: 2,
  reasons: ['The run ended before its window began.'],
  window: { from: null, to: null, seconds: 0 },
  preconditions: [],
  checks: [],
  messages: {
    offered: 0,
    acknowledged: 0,
    lost: 0,
    duplicated: 0,
    reordered: 0,
    phantom: 0,
    undelivered: 0,
    deliveredTwice: 0,
    ambiguous: 0,
  },
  deliveries: { received: 0, expected: 0, fanOut: null },
  rates: { offeredHz: null, acknowledgedHz: null, steadyHz: null },
  machine: { busyCores: null, cores: null },
  availability: {
    ...sampleVerdict.availability,
    asSent: null,
    withRetries: null,
    withRetriesAtBest: null,
    byPhase: {},
  },
  deliveryMs: { p50: null, p95: null, p99: null, max: null },
  latencyMs: { p50: null, p95: null, p99: null, max: null },
  latencyAsSentMs: { p50: null, p95: null, p99: null, max: null },
  latencyByPhaseMs: {},
  latencyAsSentByPhaseMs: {},
  faults: [],
  ...faultsByKind([]),
  confidence: { failovers: 0, losing: 0, upperBound95: null },
  claims: [],
};

export const sampleEnvironment: Environment = {
  note: 'SAMPLE: made up for tests, not measured',
  machine: { system: 'Debian 12', cores: 2, memoryBytes: 24 * 2 ** 30, cgroup: 1 },
  versions: { node: '24.21.0', k6: '2.2.0', postgresql: '17.5', patroni: '4.0.7' },
  limits: { openFiles: 20_000, netem: false },
  servers: [{ id: 'db1', role: 'db', address: '10.0.0.7' }],
};

export const sampleInput = {
  verdict: sampleVerdict,
  series: sampleSeries,
  environment: sampleEnvironment,
} as const;
