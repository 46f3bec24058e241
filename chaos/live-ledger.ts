/**
 * The client ledgers while they grow: what is under way now, and how the
 * last seconds went. Feeds progress, the steady-state check and the stop
 * conditions. It never judges: the checkers read the
 * ledgers afresh when the run is over.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { shapedLoadOf } from '../scenarios/shapes/index.ts';
import { ABUSER } from '../scenarios/shapes/shape.ts';
import type { Plan } from './plan.ts';
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
  /** Lateness of sends that nothing but the generator could delay. */
  sendLagsMs: number[];
}

const emptySecond = (): LiveSecond => ({
  ...{ sent: 0, acknowledged: 0, inTime: 0 },
  latenciesMs: [],
  sendLagsMs: [],
});

export interface LiveLedger {
  /** Reads what has been written since; cheap, call it a few times a second. */
  update(): void;
  readonly connected: number;
  readonly sent: number;
  readonly acknowledged: number;
  readonly outstanding: number;
  /** Messages that missed the deadline so far: answered after it, or waiting for longer. */
  missed(nowMs: number): number;
  /** Age of the oldest message without an acknowledgement, from its intended time, ms; 0 without one. */
  oldestOutstandingMs(nowMs: number): number;
  /** Sums over the last `seconds` whole seconds before `nowMs`. */
  recent(nowMs: number, seconds: number): LiveSecond;
}

export function openLiveLedger(
  run: string,
  { ledgers, epochMs }: { readonly ledgers: number; readonly epochMs: number },
  plan: Plan,
): LiveLedger & Disposable {
  const { asSentMs, deadlineMs } = plan.objective;
  const abuser = shapedLoadOf(plan).abuser === null ? null : String(ABUSER);
  const files = Array.from({ length: ledgers }, (_, shard) => ({
    descriptor: openSync(inRun(run, clientLedgerFile(shard)), 'r'),
    position: 0,
    torn: '',
  }));
  const buffer = Buffer.alloc(CHUNK_BYTES);
  const connected = new Set<number>();
  /** `user n` → intended time since the epoch. */
  const underWay = new Map<string, number>();
  /** User → since when nothing is under way, while that is so and the user is connected. */
  const idleSinceMs = new Map<number, number>();
  const underWayOf = new Map<number, number>();
  const seconds = new Map<number, LiveSecond>();
  let sent = 0;
  let acknowledged = 0;
  let answeredLate = 0;

  function second(atMs: number): LiveSecond {
    const key = Math.floor(atMs / 1_000);
    let entry = seconds.get(key);
    if (entry === undefined) {
      entry = emptySecond();
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
        if (!underWayOf.has(Number(user))) idleSinceMs.set(Number(user), Number(at));
        return;
      case 'X':
        connected.delete(Number(user));
        idleSinceMs.delete(Number(user));
        return;
      case 'S':
        // An abuser waits for no answer, so that it got none says nothing.
        if (attempt !== '1' || user === abuser) return;
        onSend(Number(at), Number(user), Number(fifth));
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
        if (latencyMs > deadlineMs) answeredLate++;
        onIdle(Number(at), Number(user));
        return;
      }
      default:
    }
  }

  function onSend(atMs: number, user: number, intendedMs: number): void {
    sent++;
    const entry = second(atMs);
    entry.sent++;
    const sinceMs = idleSinceMs.get(user);
    if (sinceMs !== undefined && sinceMs <= intendedMs) entry.sendLagsMs.push(atMs - intendedMs);
    idleSinceMs.delete(user);
    underWayOf.set(user, (underWayOf.get(user) ?? 0) + 1);
  }

  function onIdle(atMs: number, user: number): void {
    const left = (underWayOf.get(user) ?? 1) - 1;
    if (left > 0) {
      underWayOf.set(user, left);
      return;
    }
    underWayOf.delete(user);
    if (connected.has(user)) idleSinceMs.set(user, atMs);
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
    missed(nowMs) {
      let overdue = 0;
      for (const intendedMs of underWay.values()) {
        if (nowMs - epochMs - intendedMs > deadlineMs) overdue++;
      }
      return answeredLate + overdue;
    },
    oldestOutstandingMs(nowMs) {
      // Insertion order is send order, so the first is the oldest but for retries' reshuffling.
      const [oldest] = underWay.values();
      return oldest === undefined ? 0 : Math.max(0, nowMs - epochMs - oldest);
    },
    recent(nowMs, count) {
      const last = Math.floor((nowMs - epochMs) / 1_000);
      const sum = emptySecond();
      for (let key = last - count; key < last; key++) {
        const entry = seconds.get(key);
        if (entry === undefined) continue;
        sum.sent += entry.sent;
        sum.acknowledged += entry.acknowledged;
        sum.inTime += entry.inTime;
        sum.latenciesMs.push(...entry.latenciesMs);
        sum.sendLagsMs.push(...entry.sendLagsMs);
      }
      return sum;
    },
    [Symbol.dispose]() {
      for (const file of files) closeSync(file.descriptor);
    },
  };
}
