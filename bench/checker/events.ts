/**
 * The event log of a made-up run: everything a real one tells when all is
 * well but for its three faults, each of which is noticed, ends in a
 * promotion, is proven, healed and followed by full redundancy. And the usage
 * samples of its processes.
 */
import { ATTEMPTS } from '../../chaos/checkers/refusals.ts';
import type { RunEvent } from '../../chaos/events.ts';
import type { UsageSample } from '../../chaos/ledger/usage.ts';
import { EPOCH_MS, NODES, SHARDS, type Outage, type Script } from './script.ts';

/** As the sampler of a real run does. */
const SAMPLE_EVERY_MS = 5_000;
/** Longer than any outage of the script. */
const PROMISE = { kind: 'recovers', withinMs: 10_000 } as const;

export function eventsOf(script: Script): readonly RunEvent[] {
  const { population, outages, sendAfterMs, endMs } = script;
  const rows = population.users * script.perUser;
  const at = (ms: number) => ({ atMs: EPOCH_MS + ms });
  const events: RunEvent[] = [
    { ...at(-3_000), kind: 'run-started', run: script.name, pid: 1 },
    ...clocks(-2_000),
    ...members(-1_000, 'db1', 1, ''),
    { ...at(-1_000), kind: 'leader', leader: 'db1' },
    { ...at(0), kind: 'phase', phase: 'connect' },
    { ...at(sendAfterMs), kind: 'phase', phase: 'steady' },
    { ...at(sendAfterMs), kind: 'window-began' },
    ...sockets(script),
    ...outages.flatMap(failover),
    { ...at(endMs), kind: 'window-ended' },
    { ...at(endMs + 1), kind: 'phase', phase: 'drain' },
    ...Array.from({ length: SHARDS }, (_, shard): RunEvent => ({
      ...at(endMs + 16_000),
      kind: 'shard-exited',
      shard,
      exitCode: 0,
    })),
    { ...at(endMs + 16_001), kind: 'phase', phase: 'collect' },
    ...NODES.map((node): RunEvent => ({
      ...at(endMs + 17_000),
      kind: 'rows-read',
      node,
      rows,
      complete: true,
      detail: '',
    })),
    ...['db1', 'db2', 'db3'].map((node): RunEvent => ({
      ...at(endMs + 17_500),
      kind: 'replica-write',
      node,
      refused: true,
      detail: 'cannot execute INSERT in a read-only transaction',
    })),
    ...Array.from({ length: ATTEMPTS }, (_, attempt): RunEvent => ({
      ...at(endMs + 17_600),
      kind: 'refusal',
      what: `attempt ${attempt + 1}`,
      refused: true,
      detail: 'HTTP 401',
    })),
    ...clocks(endMs + 18_000),
    { ...at(endMs + 18_000), kind: 'run-ended', complete: true },
  ];
  return events.sort((left, right) => left.atMs - right.atMs);
}

const clocks = (ms: number): RunEvent[] =>
  NODES.map((server) => ({
    atMs: EPOCH_MS + ms,
    kind: 'clock',
    server,
    offsetMs: 1,
    uncertaintyMs: 2,
  }));

function members(ms: number, primary: string, timeline: number, dead: string): RunEvent[] {
  return NODES.map((server): RunEvent => {
    const own = { atMs: EPOCH_MS + ms, kind: 'member', server } as const;
    if (server === dead) return { ...own, role: 'unreachable', state: '', timeline: 0 };
    return server === primary
      ? { ...own, role: 'primary', state: 'running', timeline }
      : { ...own, role: 'replica', state: 'streaming', timeline };
  });
}

function failover(outage: Outage, index: number): RunEvent[] {
  const { id, kind, target, newPrimary, struckMs, backMs, holdSec } = outage;
  const at = (ms: number) => ({ atMs: EPOCH_MS + struckMs + ms });
  const timeline = index + 2;
  const healedMs = holdSec * 1_000;
  const promotedMs = backMs - struckMs - 200;
  return [
    { ...at(-200), kind: 'steady-state', before: id, held: true, detail: 'all users connected' },
    { ...at(-100), kind: 'fault-injecting', id, fault: kind, target, expects: PROMISE },
    {
      ...at(50),
      kind: 'fault-injected',
      id,
      fault: kind,
      target,
      struckFromMs: EPOCH_MS + struckMs,
      struckToMs: EPOCH_MS + struckMs + 5,
    },
    { ...at(900), kind: 'member', server: target, role: 'unreachable', state: '', timeline: 0 },
    { ...at(1_500), kind: 'leader', leader: '' },
    { ...at(1_700), kind: 'leader', leader: newPrimary },
    ...members(struckMs + promotedMs, newPrimary, timeline, target),
    {
      ...at(healedMs),
      kind: 'fault-proof',
      id,
      proof: { bitten: true, observations: [{ what: `${target}`, seen: 'gone', ok: true }] },
    },
    { ...at(healedMs + 1), kind: 'fault-held', id, lasts: false, observations: [] },
    { ...at(healedMs + 5), kind: 'fault-healing', id },
    { ...at(healedMs + 10), kind: 'fault-healed', id },
    ...members(struckMs + healedMs + 5_000, newPrimary, timeline, ''),
    { ...at(healedMs + 5_500), kind: 'redundancy-restored', id },
  ];
}

/** The sampler's rhythm over the window, all users on three chat servers. */
function sockets({ population, sendAfterMs, endMs }: Script): RunEvent[] {
  const open = population.users;
  const [third, rest] = [Math.floor(open / 3), open - 2 * Math.floor(open / 3)];
  const byServer = { app1: third, app2: third, app3: rest };
  return sampleTimes(sendAfterMs, endMs).map((atMs) => ({ atMs, kind: 'sockets', open, byServer }));
}

/** One line a process and sample. */
export function usageOf({ sendAfterMs, endMs }: Script): readonly UsageSample[] {
  return sampleTimes(sendAfterMs, endMs).flatMap((atMs) =>
    PROCESSES.map((id, index) => {
      const cpuSec = ((atMs - EPOCH_MS) / 1_000) * 0.01 * (1 + (index % 7));
      return { atMs, id, cpuSec, memoryBytes: 50_000_000 + index * 1_000_000 };
    }),
  );
}

/** As many as the gate's 26 and its four generators. */
const PROCESSES = [
  ...Array.from({ length: 26 }, (_, index) => `server${index % 9}/process-${index}`),
  ...Array.from({ length: 4 }, (_, shard) => `load/shard-${shard}`),
];

const sampleTimes = (fromMs: number, toMs: number): readonly number[] =>
  Array.from(
    { length: Math.floor((toMs - fromMs) / SAMPLE_EVERY_MS) },
    (_, sample) => EPOCH_MS + fromMs + 500 + sample * SAMPLE_EVERY_MS,
  );
