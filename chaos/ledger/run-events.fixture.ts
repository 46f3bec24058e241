/**
 * The event log of a made-up run (`run-history.fixture.ts`): complete, with a
 * failover from db1 to db2 where one is asked for. Nothing but tests imports it.
 */
import type { Schedule } from '../../scenarios/schedule.ts';
import { ATTEMPTS } from '../checkers/refusals.ts';
import type { RunEvent } from '../events.ts';

export const EPOCH_MS = 1_760_000_000_000;
export const NODES = ['db1', 'db2', 'db3', 'db4'];

/** Of the node that stands there in a history's list: four a database. */
export const databaseAt = (place: number): number => Math.floor(place / NODES.length);

interface EventsOptions {
  readonly users: number;
  readonly perUser: number;
  readonly shards: number;
  readonly fault: number | null;
  readonly rows: number;
}

export function eventsOfRun(schedule: Schedule, options: EventsOptions): RunEvent[] {
  const { users, shards, fault } = options;
  const fromMs = schedule.sendFromMs;
  const toMs = fromMs + options.perUser * schedule.intervalMs;
  const open = {
    open: users,
    byServer: { app1: Math.ceil(users / 2), app2: Math.floor(users / 2) },
  };
  const member = (server: string, role: 'primary' | 'replica' | 'unreachable', timeline: number) =>
    ({ kind: 'member', server, role, state: 'running', timeline }) as const;
  const failover: RunEvent[] =
    fault === null
      ? []
      : [
          { atMs: fault - 5, kind: 'steady-state', before: 'f1', held: true, detail: '' },
          {
            atMs: fault,
            kind: 'fault-injecting',
            id: 'f1',
            fault: 'kill-postgres',
            target: 'db1',
            expects: { kind: 'recovers', withinMs: 5_000 },
          },
          {
            // A while after the primary was lost: by then users wait.
            atMs: fault + 200,
            kind: 'fault-injected',
            id: 'f1',
            fault: 'kill-postgres',
            target: 'db1',
            struckFromMs: fault + 100,
            struckToMs: fault + 102,
          },
          { atMs: fault + 300, ...member('db1', 'unreachable', 0) },
          { atMs: fault + 1_200, kind: 'leader', leader: 'db2' },
          { atMs: fault + 1_500, ...member('db2', 'primary', 2) },
          {
            atMs: fault + 2_400,
            kind: 'fault-proof',
            id: 'f1',
            proof: { bitten: true, observations: [{ what: 'process', seen: 'gone', ok: true }] },
          },
          { atMs: fault + 2_440, kind: 'fault-held', id: 'f1', lasts: false, observations: [] },
          { atMs: fault + 2_450, kind: 'fault-healing', id: 'f1' },
          { atMs: fault + 2_500, kind: 'fault-healed', id: 'f1' },
          { atMs: fault + 3_000, kind: 'redundancy-restored', id: 'f1' },
        ];
  return [
    { atMs: EPOCH_MS, kind: 'run-started', run: 'made-up', pid: 1 },
    ...NODES.map((node): RunEvent => {
      const role = node === 'db1' ? 'primary' : 'replica';
      return { atMs: EPOCH_MS + 10, ...member(node, role, 1) };
    }),
    { atMs: EPOCH_MS + 11, kind: 'leader', leader: 'db1' },
    { atMs: EPOCH_MS + 20, kind: 'clock', server: 'db1', offsetMs: 1, uncertaintyMs: 2 },
    { atMs: fromMs, kind: 'window-began' },
    { atMs: fromMs + 500, kind: 'sockets', ...open },
    ...failover,
    { atMs: toMs, kind: 'window-ended' },
    ...Array.from({ length: shards }, (_, shard): RunEvent => ({
      atMs: toMs + 900,
      kind: 'shard-exited',
      shard,
      exitCode: 0,
    })),
    ...NODES.map((node): RunEvent => ({
      atMs: toMs + 950,
      kind: 'rows-read',
      node,
      rows: options.rows,
      complete: true,
      detail: '',
    })),
    ...['db1', 'db3', 'db4'].map((node): RunEvent => ({
      atMs: toMs + 960,
      kind: 'replica-write',
      node,
      refused: true,
      detail: 'read-only',
    })),
    ...Array.from({ length: ATTEMPTS }, (_, attempt): RunEvent => ({
      atMs: toMs + 970,
      kind: 'refusal',
      what: `attempt ${attempt + 1}`,
      refused: true,
      detail: 'HTTP 401',
    })),
    { atMs: toMs + 1_000, kind: 'run-ended', complete: true },
  ];
}
