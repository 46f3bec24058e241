/**
 * Samples CPU, memory and open sockets for the length of a run:
 * `metrics/usage.jsonl` (one line a process and sample: `{"atMs","id",
 * "cpuSec","memoryBytes"}`, CPU time since the container's start), `sockets`
 * events (what the chat servers themselves count), `machine` events (how much
 * of it was busy, how long its disk was waited for), `circuit` events where a
 * server's circuit breaker changed, and, where roles are apart, `roles` events
 * (who is there and has done what).
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { isOfService, rolesOf, type Cluster, type ServerId } from '../cluster/cluster.ts';
import { busyCores, readCoreTicks } from '../cluster/machine/busy-cores.ts';
import { diskWaitShare, readDiskWait } from '../cluster/machine/disk-wait.ts';
import type { EventLog } from './event-log.ts';
import { inRun, runFiles } from './run-directory.ts';
import { largestOf, readCounters, totalOf, workOf, type Counters } from './service-counters.ts';

/** A sample costs some 20 ms of one core, all in all. */
const EVERY_MS = 5_000;

/** The values of `chat_circuit_state`. */
const CIRCUIT_STATES = ['closed', 'half-open', 'open'] as const;

export function sampleUsage(cluster: Cluster, run: string, log: EventLog): AsyncDisposable {
  const file = openSync(inRun(run, runFiles.usage), 'a');
  const stop = new AbortController();

  const circuits = new Map<ServerId, string>();

  function noteCircuit(server: ServerId, counters: Counters): void {
    const state = CIRCUIT_STATES[largestOf(counters, 'chat_circuit_state')] ?? 'open';
    const opened = totalOf(counters, 'chat_circuit_opened_total');
    const seen = `${state} ${opened}`;
    if (circuits.get(server) === seen) return;
    circuits.set(server, seen);
    const openedAtMs = 1_000 * largestOf(counters, 'chat_circuit_opened_timestamp_seconds');
    const closedAtMs = 1_000 * largestOf(counters, 'chat_circuit_closed_timestamp_seconds');
    log.write({ kind: 'circuit', server, state, opened, openedAtMs, closedAtMs });
  }

  const readMachine = async () => ({ ticks: await readCoreTicks(), disk: await readDiskWait() });
  let machine = readMachine();
  async function sampleMachine(): Promise<void> {
    const before = await machine;
    machine = readMachine();
    const now = await machine;
    const cores = availableParallelism();
    const busy = busyCores(before.ticks, now.ticks, cores);
    if (busy === null) return;
    const diskWait = diskWaitShare(before.disk, now.disk);
    log.write({ kind: 'machine', busyCores: busy, cores, diskWait });
  }

  async function sample(): Promise<void> {
    const atMs = Date.now();
    await sampleMachine();
    const [usage, counters] = await Promise.all([cluster.usage(), readCounters(cluster)]);
    writeSync(file, usage.map((entry) => `${JSON.stringify({ atMs, ...entry })}\n`).join(''));
    const byServer: Record<ServerId, number> = {};
    const done: Record<string, number> = {};
    for (const { id, server, component } of cluster.processes.filter(isOfService)) {
      const each = counters.get(id);
      // Who does not answer has no count; the sum shows it.
      if (each === undefined) continue;
      done[id] = workOf(component, each);
      if (component !== 'chat') continue;
      byServer[server] = totalOf(each, 'chat_open_sockets');
      noteCircuit(server, each);
    }
    const open = Object.values(byServer).reduce((sum, count) => sum + count, 0);
    log.write({ kind: 'sockets', open, byServer });
    if (rolesOf(cluster) === 'apart') log.write({ kind: 'roles', done });
  }

  const running = (async () => {
    while (!stop.signal.aborted) {
      await sample().catch((error: unknown) =>
        log.write({ kind: 'note', text: `sampler: ${String(error)}` }),
      );
      await pause(EVERY_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      closeSync(file);
    },
  };
}
