/** When a group commit begins, and who gets which outcome. On a real database: `server.cluster.test.ts`. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { AppendOutcome } from './append.ts';
import { createGroupCommit } from './group-commit.ts';
import type { Draft, Message } from './message.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const GATHER_MS = 15;
const COMMIT_MS = 4;

const keysOf = (drafts: readonly Draft[]) => drafts.map(({ key }) => key).join('');
const drafted = (keys: string): Draft[] =>
  [...keys].map((key) => ({ key, channel: 1, author: 1, body: '' }));
/** Places 1, 2, 3, …; a capital's key belongs to another message. */
const storedAs = (drafts: readonly Draft[]): AppendOutcome => ({
  kind: 'stored',
  places: drafts.map(({ key }, index) => ({ sequence: index + 1, conflict: /[A-Z]/.test(key) })),
});

/** One whose every statement takes `COMMIT_MS`; notes which keys came to the database when. */
function openCommit(answer: (drafts: readonly Draft[]) => AppendOutcome = storedAs) {
  const startedMs = performance.now();
  const statements: string[] = [];
  const outcomes: string[] = [];
  const committed: Message[] = [];
  let opened = 0;
  const groupCommit = createGroupCommit({
    messagesMax: 5,
    gatherMs: () => GATHER_MS,
    open() {
      opened += 1;
      let isSpent = false;
      return Promise.resolve({
        get isSpent() {
          return isSpent;
        },
        append: async (drafts) => {
          statements.push(`${keysOf(drafts)} ${performance.now() - startedMs}`);
          await new Promise((resolve) => setTimeout(resolve, COMMIT_MS));
          const outcome = answer(drafts);
          isSpent = outcome.kind === 'unconfirmed';
          return outcome;
        },
        [Symbol.dispose]: () => undefined,
      });
    },
    onCommitted: (messages) => void committed.push(...messages),
  });
  const askAt = (atMs: number, keys: string) =>
    setTimeout(async () => {
      const outcome = await groupCommit.append(drafted(keys));
      const places =
        outcome.kind === 'stored'
          ? outcome.places.map(({ sequence, conflict }) => (conflict ? '-' : sequence)).join()
          : outcome.kind;
      outcomes.push(`${keys} ${places}`);
    }, atMs);
  return { statements, outcomes, committed, askAt, groupCommit, opened: () => opened };
}

const settle = () => vi.advanceTimersByTimeAsync(1_000);

test('what comes after a rest is stored at once, what comes soon after it together', async () => {
  const { statements, askAt } = openCommit();
  askAt(100, 'a');
  askAt(102, 'b');
  askAt(108, 'c');
  askAt(114, 'd');
  askAt(200, 'e');
  await settle();
  expect(statements).toEqual(['a 100', 'bcd 115', 'e 200']);
});

test('what comes while a statement is under way does not wait for a new gathering', async () => {
  const { statements, askAt } = openCommit();
  for (let atMs = 100; atMs < 146; atMs += 5) askAt(atMs, '.');
  await settle();
  expect(statements.map((statement) => statement.split(' ')[1])).toEqual([
    '100',
    '115',
    '130',
    '145',
  ]);
});

test('each who asks gets the places of its own messages, and each message is told once', async () => {
  const { statements, outcomes, committed, askAt } = openCommit();
  askAt(100, 'a');
  askAt(101, 'bC');
  askAt(102, 'd');
  await settle();
  expect(statements).toEqual(['a 100', 'bCd 115']);
  expect(outcomes).toEqual(['a 1', 'bC 1,-', 'd 3']);
  expect(keysOf(committed)).toBe('abd');
});

test('a statement holds as many as it may, or all of one who asks for more', async () => {
  const { statements, askAt } = openCommit();
  askAt(100, 'a');
  for (const keys of ['bc', 'de', 'fg', 'hijklmn', 'o']) askAt(101, keys);
  await settle();
  expect(statements).toEqual(['a 100', 'bcde 115', 'fg 130', 'hijklmn 145', 'o 160']);
});

test('nobody is refused for what another one asked', async () => {
  const { statements, outcomes, askAt } = openCommit((drafts) =>
    keysOf(drafts).includes('x')
      ? { kind: 'refused', sqlState: '23503', detail: 'no such channel' }
      : storedAs(drafts),
  );
  askAt(100, 'a');
  for (const keys of ['b', 'xy', 'c']) askAt(101, keys);
  await settle();
  expect(outcomes).toEqual(['a 1', 'b 1', 'xy refused', 'c 1']);
  expect(statements.map((statement) => statement.split(' ')[0])).toEqual([
    ...['a', 'bxyc', 'b', 'xy', 'c'],
  ]);
});

test('what is not confirmed is told to all who wait by then, and kept for nobody', async () => {
  let isAway = true;
  const { statements, outcomes, committed, askAt, opened } = openCommit((drafts) =>
    isAway ? { kind: 'unconfirmed', reason: 'connection', detail: 'gone' } : storedAs(drafts),
  );
  askAt(100, 'a');
  askAt(102, 'b');
  setTimeout(() => (isAway = false), 110);
  askAt(120, 'c');
  await settle();
  expect(outcomes).toEqual(['a unconfirmed', 'b unconfirmed', 'c 1']);
  expect(statements).toEqual(['a 100', 'c 120']);
  expect(keysOf(committed)).toBe('c');
  // A connection whose outcome nobody knows is not used again.
  expect(opened()).toBe(2);
});

test('whoever still waits when it is closed learns that nothing is confirmed', async () => {
  const { outcomes, askAt, groupCommit } = openCommit();
  askAt(100, 'a');
  askAt(102, 'b');
  setTimeout(() => groupCommit[Symbol.dispose](), 103);
  await settle();
  expect(outcomes).toEqual(['b unconfirmed', 'a 1']);
});
