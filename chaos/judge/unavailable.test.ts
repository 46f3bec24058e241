import { expect, test } from 'vitest';
import type { Outcomes } from './outcomes.ts';
import { unavailableSec } from './unavailable.ts';

/** Messages by when they were meant, milliseconds after the strike, and whether they made it. */
function outcomes(messages: readonly (readonly [atMs: number, good: boolean])[]): Outcomes {
  const column = (value: (message: (typeof messages)[number]) => number) =>
    Int32Array.from(messages, value);
  return {
    baseMs: 1_000,
    window: { fromMs: 0, toMs: 100_000 },
    count: messages.length,
    message: column(() => 0),
    intendedMs: column(([atMs]) => atMs + 1_000),
    latencyMs: column(() => 0),
    byLatency: Int32Array.from(messages.keys()),
    good: Uint8Array.from(messages, ([, good]) => (good ? 1 : 0)),
    asSent: Uint8Array.from(messages, () => 0),
    attempts: column(() => 1),
    sent: messages.length,
  };
}

const away = (messages: readonly (readonly [number, boolean])[], forMs: number): number => {
  const all = outcomes(messages);
  return unavailableSec(all, all.good, 2_000, 2_000 + forMs);
};

test('half of the load missing for two seconds is one second', () => {
  const messages = Array.from({ length: 40 }, (_, each) => [each * 50, each % 2 === 0] as const);
  expect(away(messages, 2_000)).toBe(1);
});

test('a hundred messages in one moment weigh no more than that moment', () => {
  const steady = Array.from({ length: 40 }, (_, each) => [each * 50, each >= 10] as const);
  const volley = Array.from({ length: 100 }, () => [10, false] as const);
  expect(away([...volley, ...steady], 2_000)).toBe(away(steady, 2_000));
});

test('a moment in which nobody meant to send is as the one before', () => {
  expect(
    away(
      [
        [0, false],
        [1_000, true],
      ],
      2_000,
    ),
  ).toBe(1);
  expect(away([], 2_000)).toBe(0);
});

test('what is meant outside the time does not count', () => {
  expect(
    away(
      [
        [-300, false],
        [0, true],
        [2_100, false],
      ],
      2_000,
    ),
  ).toBe(0);
});
