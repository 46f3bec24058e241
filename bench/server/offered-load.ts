/**
 * Open arrivals at a rate of deliveries: messages are sent when they are due,
 * whatever became of those before, and what a second brought is counted
 * second by second.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { percentile } from '../../chaos/statistics.ts';
import { stamp, type Crowd } from './crowd.ts';
import { drawsOf, type Shape } from './shape.ts';

const STEP_MS = 5;
/** Without commas and quotes, by which the time before it is found. */
const FILL = 'so the tide came in and the rock held fast; ';
/** 20 to 140 characters, as the mission's bodies (`scenarios/schedule.ts`). */
const BODY_LENGTHS = { min: 20, span: 120 };

export interface Span {
  readonly seconds: number;
  /** Deliveries a second: what was asked for, what was sent for, what came. */
  readonly offeredHz: number;
  readonly deliveredHz: number;
  readonly acknowledgedHz: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Deliveries that had not come at its end. */
  readonly backlog: number;
  /** Messages that were refused: they bring no deliveries. */
  readonly refused: number;
  /** Share of one core that this client used. */
  readonly clientCores: number;
}

export interface OfferedLoad extends Disposable {
  /** Deliveries a second, from now on. */
  rateHz: number;
  /** Resolves `seconds` later with what they brought. */
  measure(seconds: number): Promise<Span>;
  /** Sends nothing until everything has come; rejects if it does not. */
  settle(): Promise<void>;
}

const SETTLE_MS = 15_000;

export function offer(crowd: Crowd, shape: Shape): OfferedLoad {
  const random = drawsOf('load');
  const sizes = new Map(shape.channels.map(({ id, members }) => [id, members.length]));
  const nonce = `${process.pid}${Date.now().toString(36)}`;
  let sent = 0;
  let expected = 0;
  let dueMs = performance.now();

  function sendOne(intendedMs: number): void {
    const user = Math.floor(random() * crowd.sockets.length);
    const channel = shape.channelFor(user, random);
    const length = BODY_LENGTHS.min + Math.floor(BODY_LENGTHS.span * random());
    const body = stamp(intendedMs).padEnd(length, FILL);
    const receivers = sizes.get(channel) ?? 0;
    crowd.sockets[user]?.send(['send', `${nonce}-${sent++}-${receivers}`, channel, body]);
    expected += receivers;
  }

  /** Nobody waits for what was refused. Returns how many messages that are. */
  function forgetRefused(): number {
    const keys = crowd.refusedKeys;
    crowd.refusedKeys = [];
    for (const key of keys) expected -= Number(key.slice(key.lastIndexOf('-') + 1));
    return keys.length;
  }

  const timer = setInterval(() => {
    const nowMs = performance.now();
    if (load.rateHz === 0) {
      dueMs = nowMs;
      return;
    }
    const everyMs = (1_000 * shape.fanOut) / load.rateHz;
    while (dueMs <= nowMs) {
      sendOne(dueMs);
      dueMs += everyMs;
    }
  }, STEP_MS);

  const load: OfferedLoad = {
    rateHz: 0,
    async measure(seconds) {
      forgetRefused();
      const before = { ...crowd.counts, expected };
      crowd.latenciesMs = [];
      const cpu = process.cpuUsage();
      const began = performance.now();
      await pause(seconds * 1_000);
      const tookSec = (performance.now() - began) / 1_000;
      const { user, system } = process.cpuUsage(cpu);
      const sorted = Float64Array.from(crowd.latenciesMs).sort();
      const offeredHz = (expected - before.expected) / tookSec;
      const refused = forgetRefused();
      return {
        seconds: tookSec,
        offeredHz,
        refused,
        deliveredHz: (crowd.counts.deliveries - before.deliveries) / tookSec,
        acknowledgedHz: (crowd.counts.acks - before.acks) / tookSec,
        p50Ms: percentile(sorted, 50) ?? Infinity,
        p99Ms: percentile(sorted, 99) ?? Infinity,
        backlog: expected - crowd.counts.deliveries,
        clientCores: (user + system) / 1e6 / tookSec,
      };
    },
    async settle() {
      load.rateHz = 0;
      const untilMs = performance.now() + SETTLE_MS;
      for (;;) {
        forgetRefused();
        if (crowd.counts.deliveries >= expected) return;
        if (performance.now() > untilMs || crowd.counts.gone > 0) {
          const missing = expected - crowd.counts.deliveries;
          const why = crowd.firstFailure ?? 'nothing said why';
          throw new Error(`${missing} deliveries never came: ${why}`);
        }
        await pause(STEP_MS);
      }
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
  return load;
}
