/**
 * Samples CPU, memory and open sockets for the length of a run:
 * `metrics/usage.jsonl` (one line a process and sample: `{"atMs","id",
 * "cpuSec","memoryBytes"}`, CPU time since the container's start) and
 * `sockets` events (what the chat servers themselves count).
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import type { EventLog } from './event-log.ts';
import { inRun, runFiles } from './run-directory.ts';

/** A sample costs some 20 ms of one core, all in all. */
const EVERY_MS = 5_000;
const SCRAPE_TIMEOUT_MS = 2_000;

/** The chat server's gauge of open sockets, in its Prometheus text. */
const OPEN_SOCKETS = /^chat_open_sockets(?:\{[^}]*\})? (\d+)/m;

async function openSockets(url: string): Promise<number | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(SCRAPE_TIMEOUT_MS) });
  const open = OPEN_SOCKETS.exec(await response.text())?.[1];
  return open === undefined ? undefined : Number(open);
}

export async function countSockets(cluster: Cluster): Promise<Record<string, number>> {
  const byServer: Record<string, number> = {};
  await Promise.all(
    cluster.servers
      .filter(({ role }) => role === 'app')
      .map(async ({ id, address }) => {
        // A server that does not answer has no count; the sum shows it.
        const open = await openSockets(`http://${address}:9001/metrics`).catch(() => undefined);
        if (open !== undefined) byServer[id] = open;
      }),
  );
  return byServer;
}

export function sampleUsage(cluster: Cluster, run: string, log: EventLog): AsyncDisposable {
  const file = openSync(inRun(run, runFiles.usage), 'a');
  const stop = new AbortController();

  async function sample(): Promise<void> {
    const atMs = Date.now();
    const [usage, byServer] = await Promise.all([cluster.usage(), countSockets(cluster)]);
    writeSync(file, usage.map((entry) => `${JSON.stringify({ atMs, ...entry })}\n`).join(''));
    const open = Object.values(byServer).reduce((sum, count) => sum + count, 0);
    log.write({ kind: 'sockets', open, byServer });
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
