/** When a lane begins a batch. What becomes of one is shown on a real database: `writer.cluster.test.ts`. */
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { createLane } from './lane.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const GATHER_MS = 15;
const COMMIT_MS = 4;

/** A lane whose every commit takes `COMMIT_MS`; notes which keys came to the database when. */
function openLane() {
  const startedMs = performance.now();
  const batches: string[] = [];
  const lane = createLane({
    name: 'lane',
    batchMessagesMax: 500,
    gatherMs: () => GATHER_MS,
    breaker: createCircuitBreaker({ openAfterMs: 1_000, onChange: () => undefined }),
    probeEveryMs: 100,
    open: () =>
      Promise.resolve({
        isSpent: false,
        append: async (drafts) => {
          const keys = drafts.map(({ key }) => key).join('');
          batches.push(`${keys} ${performance.now() - startedMs}`);
          await new Promise((resolve) => setTimeout(resolve, COMMIT_MS));
          const places = drafts.map((_, index) => ({ sequence: index + 1, conflict: false }));
          return { kind: 'stored', places };
        },
        [Symbol.dispose]: () => undefined,
      }),
    onStored: () => undefined,
    onRefused: () => undefined,
    onRetry: () => undefined,
    log: pino({ enabled: false }),
  });
  const pushAt = (atMs: number, key: string) =>
    setTimeout(() => lane.push({ key, channel: 1, author: 1, body: '' }), atMs);
  return { batches, pushAt };
}

test('a message that comes after a rest is stored at once, those soon after it together', async () => {
  const { batches, pushAt } = openLane();
  pushAt(100, 'a');
  for (const [atMs, key] of [
    [102, 'b'],
    [108, 'c'],
    [114, 'd'],
  ] as const) {
    pushAt(atMs, key);
  }
  pushAt(200, 'e');
  await vi.advanceTimersByTimeAsync(300);
  expect(batches).toEqual(['a 100', 'bcd 115', 'e 200']);
});

test('what comes while a batch is stored does not wait for a new gathering', async () => {
  const { batches, pushAt } = openLane();
  for (let atMs = 100; atMs < 146; atMs += 1) pushAt(atMs, '.');
  await vi.advanceTimersByTimeAsync(300);
  expect(batches.map((batch) => batch.split(' ')[1])).toEqual(['100', '115', '130', '145']);
});
