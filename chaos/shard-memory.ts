/**
 * Says when each generator collects its memory: one after the other, never two
 * at once, and long before it must.
 *
 * Left to itself Go's collector starts when the heap has grown by a given
 * share, and makes whoever allocates meanwhile pay for it: with 5,000 users in
 * a process some virtual users then stood still for one to four seconds, and
 * processes that started together also collected together. So the automatic
 * collector is off (`GOGC=off`) but for a bound on memory, and the harness asks
 * for each collection through k6's profiling interface. A collection that far
 * under the bound runs beside the load; on two busy cores it still takes a few
 * seconds, so none begins while the service recovers from a fault.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { LoadShard } from '../cluster/cluster.ts';
import type { EventLog } from './event-log.ts';

/** The generators share a network namespace. (Not from k6's 6565 on: `fetch` refuses 6566.) */
const k6Port = (shard: number): number => 7_565 + shard;

export const k6Arguments = (shard: number): readonly string[] => [
  '--profiling-enabled',
  `--address=0.0.0.0:${k6Port(shard)}`,
];

/**
 * A shard of 10,000 users holds 0.6 GB when collected every 30 s. (With k6's own sockets one of 5,000
 * allocated some 20 MB/s: 1.0 GB collected every 30 s, every 60 s 1.8.)
 * Until it has that size the kernel clears each page it takes: at 60 s for six minutes, a seventh of a
 * core in all.
 */
const EACH_EVERY_MS = 30_000;
/** After this the backlog of a failover (under 3 s) is gone. */
const FAILOVER_MS = 12_000;
/** Longer than a member needs to come back; by then a generator's memory may be short. */
const REJOIN_MS = 60_000;
/** On a busy machine a collection took up to some seconds. */
const COLLECTION_TIMEOUT_MS = 30_000;

async function collect({ shard, address }: LoadShard, stop: AbortSignal): Promise<void> {
  const url = `http://${address}:${k6Port(shard)}/debug/pprof/heap?gc=1`;
  const signal = AbortSignal.any([stop, AbortSignal.timeout(COLLECTION_TIMEOUT_MS)]);
  const response = await fetch(url, { signal });
  await response.arrayBuffer();
}

export interface Collecting extends AsyncDisposable {
  /**
   * The service is about to need the cores for a while: all of them while it fails over, and
   * until `atEase` while what was broken comes back.
   */
  putOff(why: 'failover' | 'rejoin'): void;
  atEase(): void;
}

/** Until disposed of. */
export function collectInTurn(shards: readonly LoadShard[], log: EventLog): Collecting {
  const stop = new AbortController();
  let notBeforeMs = 0;
  const untilMs = (atMs: number): Promise<void> =>
    pause(Math.max(0, atMs - Date.now()), undefined, { signal: stop.signal }).catch(
      () => undefined,
    );

  const running = (async () => {
    for (let turn = 0; !stop.signal.aborted; turn++) {
      await untilMs(Date.now() + EACH_EVERY_MS / shards.length);
      while (!stop.signal.aborted && Date.now() < notBeforeMs) {
        // In small steps: whoever put it off may take that back.
        await untilMs(Math.min(notBeforeMs, Date.now() + 500));
      }
      const shard = shards[turn % shards.length];
      if (stop.signal.aborted || shard === undefined) return;
      // A shard that does not answer keeps its bound; its own end is noticed elsewhere.
      await collect(shard, stop.signal).catch((error: unknown) => {
        if (stop.signal.aborted) return;
        const text = `generator ${shard.shard} did not collect: ${String(error)}`;
        log.write({ kind: 'note', text });
      });
    }
  })();
  return {
    putOff(why) {
      notBeforeMs = Date.now() + { failover: FAILOVER_MS, rejoin: REJOIN_MS }[why];
    },
    atEase() {
      notBeforeMs = 0;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}
