/** When a lane begins a batch. What becomes of one is shown on a real database: `writer.cluster.test.ts`. */
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { createLane } from './lane.ts';

beforeEach(() => void vi.useFakeTimers({ now: STARTED_MS }));
afterEach(() => void vi.useRealTimers());

const BEAT_MS = 15;
/** A beat of the clock: 15 times this many. */
const STARTED_MS = 15 * 100_000_000_000;
const COMMIT_MS = 4;

/** A lane whose every commit takes `COMMIT_MS`; notes which keys came to the database when. */
function openLane() {
  const startedMs = performance.now();
  const batches: string[] = [];
  const lane = createLane({
    name: 'lane',
    batchMessagesMax: 500,
    beatMs: () => BEAT_MS,
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

test('a message that comes after a rest is stored at once, others on the next beat', async () => {
  const { batches, pushAt } = openLane();
  for (const [atMs, key] of [
    [100, 'a'],
    [102, 'b'],
    [106, 'c'],
    [110, 'd'],
    [119, 'e'],
    [200, 'f'],
  ] as const) {
    pushAt(atMs, key);
  }
  await vi.advanceTimersByTimeAsync(300);
  expect(batches).toEqual(['a 100', 'b 105', 'cde 120', 'f 200']);
});

test('lanes that began at different times are soon on the same beat', async () => {
  const lanes = [openLane(), openLane()];
  for (let atMs = 100; atMs < 146; atMs += 1) lanes[0]?.pushAt(atMs, '.');
  for (let atMs = 107; atMs < 146; atMs += 3) lanes[1]?.pushAt(atMs, '.');
  await vi.advanceTimersByTimeAsync(300);
  const began = lanes.map(({ batches }) => batches.map((batch) => Number(batch.split(' ')[1])));
  expect(began).toEqual([
    [100, 105, 120, 135, 150],
    [107, 120, 135, 150],
  ]);
});

test('who has full batches waiting does not wait for a beat', async () => {
  const { batches, pushAt } = openLane();
  for (let n = 0; n < 1_100; n++) pushAt(100, '.');
  await vi.advanceTimersByTimeAsync(300);
  const sizes = batches.map((batch) => `${batch.indexOf(' ')} at ${batch.split(' ')[1]}`);
  expect(sizes).toEqual(['1 at 100', '500 at 104', '500 at 108', '99 at 120']);
});
