/**
 * The client ledgers while they grow: what is under way now, and how the
 * last seconds went. Feeds progress, the steady-state check and the count of
 * messages in flight at a fault. It never judges: the checkers read the
 * ledgers afresh when the run is over.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { clientLedgerFile, inRun } from './run-directory.ts';

/** Seconds of history kept; the longest look back is the steady-state check's. */
const HISTORY_SEC = 30;
const CHUNK_BYTES = 1 << 16;

export interface LiveSecond {
  sent: number;
  acknowledged: number;
  /** Acknowledged within the as-sent bound of the intended time. */
  inTime: number;
  latenciesMs: number[];
}

export interface LiveLedger {
  /** Reads what has been written since; cheap, call it a few times a second. */
  update(): void;
  readonly connected: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly outstanding: number;
  /** Age of the oldest message without an acknowledgement, from its intended time, ms; 0 without one. */
  oldestOutstandingMs(nowMs: number): number;
  /** Sums over the last `seconds` whole seconds before `nowMs`. */
  recent(nowMs: number, seconds: number): LiveSecond;
}

export function openLiveLedger(
  run: string,
  shards: number,
  epochMs: number,
  asSentMs: number,
): LiveLedger & Disposable {
  const files = Array.from({ length: shards }, (_, shard) => ({
    descriptor: openSync(inRun(run, clientLedgerFile(shard)), 'r'),
    position: 0,
    torn: '',
  }));
  const buffer = Buffer.alloc(CHUNK_BYTES);
  const connected = new Set<number>();
  /** `user n` → intended time since the epoch. */
  const underWay = new Map<string, number>();
  const seconds = new Map<number, LiveSecond>();
  let sent = 0;
  let acknowledged = 0;

  function second(atMs: number): LiveSecond {
    const key = Math.floor(atMs / 1_000);
    let entry = seconds.get(key);
    if (entry === undefined) {
      entry = { sent: 0, acknowledged: 0, inTime: 0, latenciesMs: [] };
      seconds.set(key, entry);
      seconds.delete(key - HISTORY_SEC);
    }
    return entry;
  }

  function onLine(line: string): void {
    const [letter, at, user, third, , fifth, attempt] = line.split(' ');
    switch (letter) {
      case 'C':
        connected.add(Number(user));
        return;
      case 'X':
        connected.delete(Number(user));
        return;
      case 'S':
        if (attempt !== '1') return;
        sent++;
        second(Number(at)).sent++;
        underWay.set(`${user} ${third}`, Number(fifth));
        return;
      case 'A': {
        const intendedMs = underWay.get(`${user} ${third}`);
        if (intendedMs === undefined) return;
        underWay.delete(`${user} ${third}`);
        acknowledged++;
        const latencyMs = Number(at) - intendedMs;
        const entry = second(Number(at));
        entry.acknowledged++;
        entry.latenciesMs.push(latencyMs);
        if (latencyMs <= asSentMs) entry.inTime++;
        return;
      }
      default:
    }
  }

  function update(): void {
    for (const file of files) {
      for (;;) {
        const read = readSync(file.descriptor, buffer, 0, CHUNK_BYTES, file.position);
        if (read === 0) break;
        file.position += read;
        const lines = (file.torn + buffer.toString('latin1', 0, read)).split('\n');
        file.torn = lines.pop() ?? '';
        lines.forEach(onLine);
      }
    }
  }

  return {
    update,
    get connected() {
      return connected.size;
    },
    get sent() {
      return sent;
    },
    get acknowledged() {
      return acknowledged;
    },
    get outstanding() {
      return underWay.size;
    },
    oldestOutstandingMs(nowMs) {
      // Insertion order is send order, so the first is the oldest but for retries' reshuffling.
      const [oldest] = underWay.values();
      return oldest === undefined ? 0 : Math.max(0, nowMs - epochMs - oldest);
    },
    recent(nowMs, count) {
      const last = Math.floor((nowMs - epochMs) / 1_000);
      const sum: LiveSecond = { sent: 0, acknowledged: 0, inTime: 0, latenciesMs: [] };
      for (let key = last - count; key < last; key++) {
        const entry = seconds.get(key);
        if (entry === undefined) continue;
        sum.sent += entry.sent;
        sum.acknowledged += entry.acknowledged;
        sum.inTime += entry.inTime;
        sum.latenciesMs.push(...entry.latenciesMs);
      }
      return sum;
    },
    [Symbol.dispose]() {
      for (const file of files) closeSync(file.descriptor);
    },
  };
}
