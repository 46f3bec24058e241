/**
 * The made-up seconds of the sample run (`sample-run.fixture.ts`): what its
 * charts are drawn from. Nobody measured them; nothing but tests imports them.
 */
import type { Series } from '../chaos/findings.ts';

export const FROM_MS = Date.UTC(2026, 2, 1, 14, 2, 11);
export const SECONDS = 420;

interface SampleFault {
  readonly kind: string;
  readonly atSec: number;
  readonly healedSec: number;
  readonly silentSec: number;
}

export const FAULTS: readonly [SampleFault, SampleFault, SampleFault] = [
  { kind: 'kill-postgres', atSec: 185, healedSec: 202, silentSec: 2 },
  { kind: 'kill-server', atSec: 240, healedSec: 268, silentSec: 4 },
  { kind: 'cut-link', atSec: 322, healedSec: 350, silentSec: 5 },
];

/** Deterministic wobble in [-1, 1]. */
const wobble = (second: number, salt: number): number =>
  Math.sin(second * 1.7 + salt) * 0.6 + Math.sin(second * 0.31 + salt * 3) * 0.4;

function secondOf(second: number) {
  const offered = Math.round(333 + 14 * wobble(second, 1));
  const fault = FAULTS.find(({ atSec, healedSec }) => second >= atSec && second <= healedSec);
  const since = fault === undefined ? Infinity : second - fault.atSec;
  const silent = fault !== undefined && since < fault.silentSec;
  const catchingUp = fault !== undefined && since === fault.silentSec;
  return {
    offered,
    acknowledged: silent ? 0 : catchingUp ? offered * (fault.silentSec + 1) : offered,
    withinDeadline: silent && since < 0.6 ? Math.round(offered * 0.72) : offered,
    asSent: silent ? Math.round(offered * 0.08) : offered,
    p50: silent ? (fault.silentSec - since) * 1_000 : 13 + 2 * wobble(second, 2),
    p99: silent
      ? (fault.silentSec - since) * 1_000 + 400
      : catchingUp
        ? 900
        : 55 + 22 * wobble(second, 3),
    sockets: fault?.kind === 'kill-server' && since < 3 ? 19_400 : 20_000,
  };
}

const seconds = Array.from({ length: SECONDS }, (_, second) => secondOf(second));

const PROCESSES: readonly (readonly [id: string, cores: number, mebibytes: number])[] = [
  ['load/shard-0', 0.31, 1_120],
  ['load/shard-1', 0.3, 1_110],
  ['db1/patroni', 0.19, 310],
  ['db2/patroni', 0.11, 290],
  ['app1/chat', 0.1, 96],
  ['edge1/balancer-1', 0.08, 415],
  ['edge2/balancer-1', 0.08, 411],
  ['app1/etcd', 0.03, 60],
  ['app1/nats', 0.02, 24],
];

export const sampleSeries: Series = {
  fromMs: FROM_MS,
  stepMs: 1_000,
  offered: seconds.map(({ offered }) => offered),
  acknowledged: seconds.map(({ acknowledged }) => acknowledged),
  withinDeadline: seconds.map(({ withinDeadline }) => withinDeadline),
  asSent: seconds.map(({ asSent }) => asSent),
  p50Ms: seconds.map(({ p50 }) => p50),
  p99Ms: seconds.map(({ p99 }) => p99),
  sockets: seconds.map(({ sockets }) => sockets),
  bands: FAULTS.map(({ kind, atSec, healedSec }) => ({
    label: kind,
    fromMs: FROM_MS + atSec * 1_000,
    toMs: FROM_MS + healedSec * 1_000,
  })),
  machine: {
    atMs: seconds.map((_, second) => FROM_MS + second * 1_000),
    busyCores: seconds.map((_, second) => 1.4 + 0.1 * wobble(second, 9)),
    diskWait: seconds.map((_, second) => 0.02 + 0.015 * wobble(second, 7)),
    cores: 2,
  },
  usage: PROCESSES.map(([id, cores, mebibytes], index) => {
    // The primary's process is dead, and not sampled, while its server is down.
    const alive = Array.from({ length: SECONDS / 2 }, (_, sample) => sample * 2).filter(
      (second) => id !== 'db2/patroni' || second < 240 || second > 268,
    );
    return {
      id,
      atMs: alive.map((second) => FROM_MS + second * 1_000),
      cores: alive.map((second) => Math.max(0, cores * (1 + 0.2 * wobble(second, index)))),
      memoryBytes: alive.map((second) => mebibytes * 2 ** 20 * (1 + second / 8_000)),
    };
  }),
};

export const sampleEmptySeries: Series = {
  fromMs: FROM_MS,
  stepMs: 1_000,
  offered: [],
  acknowledged: [],
  withinDeadline: [],
  asSent: [],
  p50Ms: [],
  p99Ms: [],
  sockets: [],
  bands: [],
  machine: { atMs: [], busyCores: [], cores: null, diskWait: [] },
  usage: [],
};
