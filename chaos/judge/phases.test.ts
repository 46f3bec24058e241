import { expect, test } from 'vitest';
import { NEVER } from '../ledger/messages.ts';
import { placesAscending } from './ascending.ts';
import type { Outcomes } from './outcomes.ts';
import { figuresByPhase } from './phases.ts';

const BASE_MS = 1_000;

type Message = readonly [atMs: number, latencyMs: number, attempts?: number];

/** Good within 5 s, as sent within 1 s at the first attempt. */
function outcomes(messages: readonly Message[]): Outcomes {
  const latencyMs = Int32Array.from(messages, ([, latency]) => latency);
  const within = (boundMs: number, latency: number): boolean =>
    latency !== NEVER && latency <= boundMs;
  return {
    baseMs: BASE_MS,
    window: { fromMs: BASE_MS, toMs: BASE_MS + 100_000 },
    count: messages.length,
    message: Int32Array.from(messages.keys()),
    intendedMs: Int32Array.from(messages, ([atMs]) => atMs),
    latencyMs,
    byLatency: placesAscending(latencyMs),
    good: Uint8Array.from(messages, ([, latency]) => Number(within(5_000, latency))),
    asSent: Uint8Array.from(messages, ([, latency, attempts = 1]) =>
      Number(within(1_000, latency) && attempts === 1),
    ),
    attempts: Int32Array.from(messages, ([, , attempts = 1]) => attempts),
    sent: messages.length,
  };
}

const PHASES = [
  { name: 'f1 down', fromMs: BASE_MS + 10_000, toMs: BASE_MS + 20_000 },
  { name: 'f1 after', fromMs: BASE_MS + 20_000, toMs: BASE_MS + 30_000 },
];

test('a message counts in the phase in which it was meant to be sent, and in the whole', () => {
  const figures = figuresByPhase(
    outcomes([
      [30_000, 40],
      [0, 9],
      [9_999, 7],
      [10_000, 8_000, 3],
      [19_999, NEVER, 0],
      [12_000, 4_000, 2],
      [20_000, 900],
    ]),
    PHASES,
  );
  expect(figures).toEqual({
    whole: { messages: 7, asSent: 4 / 7, withRetries: 5 / 7 },
    latencyMs: { p50: 900, p95: null, p99: null, max: 8_000 },
    latencyAsSentMs: { p50: 900, p95: null, p99: null, max: 900 },
    byPhase: {
      steady: { messages: 3, asSent: 1, withRetries: 1 },
      'f1 down': { messages: 3, asSent: 0, withRetries: 1 / 3 },
      'f1 after': { messages: 1, asSent: 1, withRetries: 1 },
    },
    latencyByPhaseMs: {
      steady: { p50: 9, p95: 40, p99: 40, max: 40 },
      'f1 down': { p50: 8_000, p95: null, p99: null, max: 8_000 },
      'f1 after': { p50: 900, p95: 900, p99: 900, max: 900 },
    },
    latencyAsSentByPhaseMs: {
      steady: { p50: 9, p95: 40, p99: 40, max: 40 },
      'f1 down': { p50: null, p95: null, p99: null, max: null },
      'f1 after': { p50: 900, p95: 900, p99: 900, max: 900 },
    },
  });
});

test('a phase without messages has no figures, and a run without faults is steady', () => {
  const { byPhase, latencyByPhaseMs } = figuresByPhase(outcomes([[0, 9]]), PHASES);
  expect(byPhase['f1 down']).toEqual({ messages: 0, asSent: null, withRetries: null });
  expect(latencyByPhaseMs['f1 down']).toEqual({ p50: null, p95: null, p99: null, max: null });
  expect(Object.keys(figuresByPhase(outcomes([[0, 9]]), []).byPhase)).toEqual(['steady']);
});
