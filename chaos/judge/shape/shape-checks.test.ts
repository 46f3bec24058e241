/** Literal histories of shapes that promise something, and what is found in them. */
import { expect, test } from 'vitest';
import { judgeClaims } from '../../../reports/claims/index.ts';
import { verdictOf, type Verdict } from '../../../reports/verdict.ts';
import type { Series } from '../../findings.ts';
import { judge } from '../../judge.ts';
import { cleanHistory, type History } from '../../ledger/run-history.fixture.ts';
import { withRun } from '../../ledger/written-history.fixture.ts';
import { planSchema } from '../../plan.ts';
import { memoryCheck } from './memory-bound.ts';

const USERS = 20;
/** Forty seconds from 5 s after the epoch on. */
const SIZE = { users: USERS, perUser: 20, shards: 2 };
const BEGAN_MS = 5_000;

const shaped = (shape: object, history: History): History => ({
  ...history,
  plan: planSchema.parse({ ...history.plan, shape }),
});

const verdictOn = (history: History): Promise<Verdict> =>
  withRun(history, async (run) => {
    const judgement = await judge(run);
    return verdictOf(judgement.findings, judgeClaims(judgement));
  });

const checkIn = ({ checks }: Verdict, id: string) => checks.find((check) => check.id === id);

const STORM = { kind: 'reconnect-storm', atSec: 10, goneWithinSec: 2, backWithinSec: 5 };

/** `backAfterMs` by user; null: it never comes back; undefined: it stays. */
function stormy(backAfterMs: (user: number) => number | null | undefined): History {
  const history = shaped(STORM, cleanHistory(SIZE));
  for (let user = 0; user < USERS; user++) {
    const back = backAfterMs(user);
    if (back === undefined) continue;
    const goneMs = BEGAN_MS + 10_000 + user * 50;
    const lines = history.timedLines[user < USERS / 2 ? 0 : 1];
    lines?.push([goneMs, `X ${goneMs} ${user} 4000`]);
    if (back === null) continue;
    const backMs = BEGAN_MS + 10_000 + back;
    lines?.push([backMs, `C ${backMs} ${user} 1 30`]);
  }
  return history;
}

test('a storm from which all come back in time passes, though nobody was connected for a moment', async () => {
  const verdict = await verdictOn(stormy((user) => 1_500 + user * 100));
  expect(verdict.reasons).toEqual([]);
  expect(checkIn(verdict, 'reconnect-storm')).toMatchObject({
    kind: 'held',
    counts: { users: 20, gone: 20, late: 0, withGap: 0, slowestMs: 3_400 },
  });
});

test('one who comes back too late, or never, fails the run', async () => {
  const late = await verdictOn(stormy((user) => (user === 7 ? 6_200 : 2_000)));
  expect(late.verdict).toBe('fail');
  expect(checkIn(late, 'reconnect-storm')).toMatchObject({
    kind: 'refuted',
    examples: ['user 7 was back after 6.2 s'],
  });
  const never = await verdictOn(stormy((user) => (user === 7 ? null : 2_000)));
  expect(checkIn(never, 'reconnect-storm')?.examples).toEqual(['user 7 did not come back']);
});

test('a storm that did not reach everybody proves nothing', async () => {
  const verdict = await verdictOn(stormy((user) => (user === 7 ? undefined : 2_000)));
  expect(verdict.verdict).toBe('inconclusive');
  expect(checkIn(verdict, 'reconnect-storm')?.detail).toContain('loss of their sockets by 1 users');
});

test('one who misses messages in the middle fails the run', async () => {
  const history = stormy(() => 2_000);
  const most = history.received.reduce((left, right) =>
    (right.ranges[0]?.[1] ?? 0) > (left.ranges[0]?.[1] ?? 0) ? right : left,
  );
  const head = most.ranges[0]?.[1] ?? 0;
  most.ranges = [
    [1, 2],
    [4, head],
  ];
  expect(checkIn(await verdictOn(history), 'reconnect-storm')).toMatchObject({
    kind: 'refuted',
    counts: { withGap: 1 },
  });
});

test('who is away at other times counts against the plateau as ever', async () => {
  const history = stormy(() => 2_000);
  for (const user of [1, 2]) {
    history.timedLines[0]?.push(
      [BEGAN_MS + 30_000, `X ${BEGAN_MS + 30_000} ${user} 1006`],
      [BEGAN_MS + 31_000, `C ${BEGAN_MS + 31_000} ${user} 1 30`],
    );
  }
  const { preconditions } = await verdictOn(history);
  expect(preconditions.find(({ id }) => id === 'plateau-held')).toMatchObject({ met: false });
});

const FLOOD = { kind: 'abuser', messagesHz: 5, atSec: 10, lastsSec: 10 };

/** A flood in which the others are answered after so long. */
function flooded(answerMs: number): History {
  const plan = planSchema.parse({ ...cleanHistory(SIZE).plan, shape: FLOOD });
  const spans = [
    { fromMs: 0, times: 1 },
    { fromMs: 10_000, times: 10 },
    { fromMs: 20_000, times: 1 },
  ];
  const history = cleanHistory({ ...SIZE, rates: [{ every: USERS, first: 0, spans }] });
  for (const message of history.sent) {
    const sentMs = message.sentMs[0] ?? 0;
    if (message.user === 0 || sentMs < BEGAN_MS + 10_000 || sentMs >= BEGAN_MS + 20_000) continue;
    message.acknowledgedMs = sentMs + answerMs;
  }
  return { ...history, plan };
}

test('a flood that nobody notices passes, and its own messages count for nothing', async () => {
  const verdict = await verdictOn(flooded(90));
  expect(checkIn(verdict, 'bystanders')).toMatchObject({
    kind: 'held',
    counts: { p99MsBefore: 12, p99MsDuring: 90, p99MsMax: 100 },
  });
  expect(verdict.availability.byPhase['steady']?.messages).toBe(19 * 20);
  // Nothing in this history was answered with a limit.
  expect(checkIn(verdict, 'abuser-limited')?.kind).toBe('not-tested');
});

test('a flood that slows others down fails the run', async () => {
  expect(checkIn(await verdictOn(flooded(130)), 'bystanders')).toMatchObject({
    kind: 'refuted',
    examples: ['99 % within 130 ms, 12 ms before'],
  });
});

test('a ledger whose rates are not those of its plan is not whole', async () => {
  const { preconditions } = await verdictOn(shaped(FLOOD, cleanHistory(SIZE)));
  expect(preconditions.find(({ id }) => id === 'ledgers-whole')?.measured).toContain(
    'not those of the shape abuser',
  );
});

const memoryOf = (...mebibytes: number[]): Series['usage'] => [
  {
    id: 'app1/chat',
    atMs: mebibytes.map((_, sample) => sample * 5_000),
    cores: mebibytes.map(() => 0.1),
    memoryBytes: mebibytes.map((each) => each * 2 ** 20),
  },
];
const SPELL = { fromMs: 10_000, toMs: 20_000, growthBytesMax: 64 * 2 ** 20 };

test.each([
  ['held', [50, 60, 100, 120]],
  ['refuted', [50, 60, 100, 125]],
  ['unknown', []],
  ['unknown', [50, 60]],
])('memory is %s to be bounded when it is %j MiB', (kind, mebibytes) => {
  expect(memoryCheck(memoryOf(...mebibytes), 0, SPELL).kind).toBe(kind);
});

test('slow readers are held against nobody, come back, and are missed when they do not', async () => {
  const shape = { kind: 'slow-readers', readers: 2, atSec: 5, lastsSec: 10, share: 0 };
  const asleep = (back: readonly number[]): History => {
    const history = shaped(shape, cleanHistory(SIZE));
    // What they never meant to send is in no ledger.
    for (const user of [18, 19]) {
      history.timedLines[1]?.push([20_100, `X 20100 ${user} 1006`]);
      if (back.includes(user)) history.timedLines[1]?.push([21_000, `C 21000 ${user} 0 40`]);
    }
    return history;
  };
  const verdict = await verdictOn(asleep([18, 19]));
  expect(checkIn(verdict, 'slow-readers')).toMatchObject({
    kind: 'held',
    counts: { readers: 2, closed: 2, away: 0, withGap: 0 },
  });
  expect(verdict.preconditions.find(({ id }) => id === 'plateau-held')).toMatchObject({
    met: true,
  });
  expect(checkIn(await verdictOn(asleep([18])), 'slow-readers')).toMatchObject({
    kind: 'refuted',
    examples: ['user 19 did not come back'],
  });
});

test('a shard of slow readers has no message to compare clocks by, and need not', async () => {
  const history = cleanHistory({ ...SIZE, shards: 10 });
  for (const message of history.sent) if (message.user >= 18) message.acknowledgedMs = null;
  const clocksIn = async (shape: object) =>
    (await verdictOn(shaped(shape, history))).preconditions.find(
      ({ id }) => id === 'generator-clocks',
    )?.met;
  expect(await clocksIn({ kind: 'slow-readers', readers: 2, atSec: 5, lastsSec: 10 })).toBe(true);
  expect(await clocksIn({ kind: 'steady' })).toBe(false);
});
