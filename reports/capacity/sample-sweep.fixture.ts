/**
 * Made-up sweeps for the tests of the renderers: the shape of real ones, with
 * figures nobody measured. Nothing but tests imports them.
 */
import type { CapacityStep, ProcessUsage, Sweep } from './capacity.ts';

/** A server's cost on a straight line of the users: `fixed + each × users / 10,000` cores. */
export const sampleUsage = (users: number): readonly ProcessUsage[] => {
  const tens = users / 10_000;
  const process = (id: string, fixed: number, each: number, mebibytes: number): ProcessUsage => ({
    id,
    cores: fixed + each * tens,
    memoryBytes: mebibytes * 2 ** 20 * (1 + tens),
  });
  return [
    process('load/shard-0', 0.02, 0.1, 500),
    process('load/shard-1', 0.02, 0.1, 500),
    process('edge1/balancer-1', 0, 0.02, 100),
    process('edge1/balancer-2', 0, 0.02, 100),
    process('edge2/balancer-1', 0, 0.03, 100),
    process('app1/chat', 0.01, 0.03, 60),
    process('app1/etcd', 0.03, 0, 60),
    process('app1/nats', 0.01, 0.01, 20),
    process('app1/router', 0.01, 0, 20),
    process('db1/patroni', 0.03, 0.01, 300),
    process('db2/patroni', 0.05, 0.05, 300),
    process('db2/guard', 0.01, 0, 40),
    process('db3/patroni', 0.04, 0.02, 300),
  ];
};

export const sampleStep = (users: number, changed: Partial<CapacityStep> = {}): CapacityStep => ({
  users,
  kind: 'held',
  reasons: [],
  run: `20260301T140211Z-capacity-${users}`,
  tookSec: 180,
  acknowledgedHz: users / 60,
  latencyMs: { p50: 12, p99: 60 + users / 1_000 },
  latencyWholeMs: { p50: 12, p99: 60 + users / 1_000 },
  availability: { asSent: 0.9998, withRetries: 1 },
  lost: 0,
  busyCores: 0.3 + users / 30_000,
  usage: sampleUsage(users),
  ...changed,
});

const tooSlow: Partial<CapacityStep> = {
  kind: 'failed',
  reasons: ['99 % of the steady load took up to 1.4 s; the objective is 1 s'],
  latencyMs: { p50: 90, p99: 1_400 },
  busyCores: 1.97,
};

export const sampleSweep: Sweep = {
  name: '20260301T140000Z-capacity',
  under: null,
  objective: { p99MsMax: 1_000, availability: 0.99, deadlineMs: 5_000 },
  search: {
    fromUsers: 10_000,
    toUsers: 54_285,
    resolutionUsers: 5_000,
    plateauSec: 75,
    secondsMax: 1_740,
    toIs: 'machine',
  },
  machine: { cores: 2, memoryBytes: 24 * 2 ** 30, processor: 'a made-up processor' },
  tookSec: 1_500,
  ended: 'found',
  beside: null,
  steps: [
    sampleStep(10_000),
    sampleStep(20_000),
    sampleStep(40_000, tooSlow),
    sampleStep(30_000),
    sampleStep(35_000, tooSlow),
    sampleStep(35_000, tooSlow),
  ],
};

export const sampleHealthy: Sweep = {
  ...sampleSweep,
  ended: 'top',
  steps: [10_000, 20_000, 40_000, 54_285].map((users) => sampleStep(users)),
};

export const sampleGeneratorLimited: Sweep = {
  ...sampleSweep,
  under: 'kill-server',
  beside: {
    schema: 'holdfast.capacity/1',
    name: '20260301T120000Z-capacity',
    under: null,
    result: { kind: 'found', users: 30_000, words: '30 000 users; 35 000 were too many.' },
    steps: [
      { users: 10_000, kind: 'held', latencyMs: { p50: 12, p99: 70 } },
      { users: 35_000, kind: 'failed', latencyMs: { p50: 90, p99: null } },
    ],
  },
  steps: [
    sampleStep(10_000, { latencyWholeMs: { p50: 13, p99: 3_100 } }),
    sampleStep(15_000, {
      kind: 'generator',
      reasons: ['The generator had cores to spare: 1.61 of 2 cores; required: at most 75 %'],
    }),
    sampleStep(15_000, {
      kind: 'generator',
      reasons: ['The generator sends when the user means to: 99 % within 180 ms'],
    }),
  ],
};

export const sampleNoStep: Sweep = { ...sampleSweep, ended: 'interrupted', steps: [] };
