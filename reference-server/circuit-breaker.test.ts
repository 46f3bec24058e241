import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createCircuitBreaker, type BreakerState } from './circuit-breaker.ts';

const OPEN_AFTER_MS = 6_000;

function breaker() {
  const changes: BreakerState[] = [];
  const onChange = (state: BreakerState) => void changes.push(state);
  return { changes, one: createCircuitBreaker({ openAfterMs: OPEN_AFTER_MS, onChange }) };
}

test('stays closed through a failover of a few seconds', () => {
  const { one, changes } = breaker();
  for (let atMs = 0; atMs < OPEN_AFTER_MS; atMs += 100) {
    one.attempt(atMs);
    expect(one.admits(atMs + 50)).toBe(true);
    one.unconfirmed(atMs + 60);
  }
  one.confirmed();
  expect(one.admits(OPEN_AFTER_MS + 1)).toBe(true);
  expect(changes).toEqual([]);
});

test('opens although the one attempt hangs and nobody says that it failed', () => {
  const { one } = breaker();
  one.attempt(1_000);
  expect(one.admits(1_000 + OPEN_AFTER_MS - 1)).toBe(true);
  expect(one.admits(1_000 + OPEN_AFTER_MS)).toBe(false);
});

test('says how long the database has been away, from the first attempt on, while it refuses', () => {
  const { one } = breaker();
  one.attempt(1_000);
  expect(one.awayMs(6_000)).toBe(0);
  expect(one.awayMs(1_000 + OPEN_AFTER_MS)).toBe(OPEN_AFTER_MS);
  one.attempt(20_000);
  expect(one.awayMs(21_000)).toBe(20_000);
  one.confirmed();
  expect(one.awayMs(22_000)).toBe(0);
});

test('is half open while it probes, and closes at once with the first confirmation', () => {
  const { one, changes } = breaker();
  one.attempt(0);
  one.unconfirmed(OPEN_AFTER_MS);
  one.attempt(OPEN_AFTER_MS + 250);
  expect(one.admits(OPEN_AFTER_MS + 251)).toBe(false);
  one.unconfirmed(OPEN_AFTER_MS + 260);
  one.attempt(OPEN_AFTER_MS + 500);
  one.confirmed();
  expect(one.admits(OPEN_AFTER_MS + 501)).toBe(true);
  expect(changes).toEqual(['open', 'half-open', 'open', 'half-open', 'closed']);
});

test('begins anew after a confirmation: an old outage does not count', () => {
  const { one } = breaker();
  one.attempt(0);
  one.confirmed();
  one.attempt(OPEN_AFTER_MS);
  expect(one.admits(2 * OPEN_AFTER_MS - 1)).toBe(true);
  expect(one.admits(2 * OPEN_AFTER_MS)).toBe(false);
});

const step = fc.record({
  afterMs: fc.integer({ min: 0, max: 3_000 }),
  what: fc.constantFrom('attempt', 'unconfirmed', 'confirmed', 'look'),
});

test('whatever happens: refuses exactly when the oldest thing that waits has waited too long', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { one, changes } = breaker();
      let nowMs = 0;
      let waitingSinceMs: number | undefined;
      for (const { afterMs, what } of steps) {
        nowMs += afterMs;
        if (what === 'attempt') {
          waitingSinceMs ??= nowMs;
          one.attempt(nowMs);
        } else if (what === 'unconfirmed') one.unconfirmed(nowMs);
        else if (what === 'confirmed') {
          waitingSinceMs = undefined;
          one.confirmed();
        }
        const isOver = waitingSinceMs !== undefined && nowMs - waitingSinceMs >= OPEN_AFTER_MS;
        expect(one.admits(nowMs)).toBe(!isOver);
      }
      // Never twice the same in a row, and half open only out of open.
      changes.forEach((state, index) => {
        expect(state).not.toBe(changes[index - 1] ?? 'closed');
        if (state === 'half-open') expect(changes[index - 1]).toBe('open');
      });
    }),
  );
});
