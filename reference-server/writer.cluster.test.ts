/** The writer against a real PostgreSQL: every message answered once, whatever breaks. */
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openAppendConnection } from './append.ts';
import type { Draft, Message } from './message.ts';
import { createMetrics } from './metrics.ts';
import {
  expectUnbroken,
  startOwnPostgres,
  type TestDatabase,
  type OwnPostgres,
} from './testing/database.ts';
import { eventually } from './testing/eventually.ts';
import { createWriter, type SendResult, type WriterOptions } from './writer.ts';

let postgres: OwnPostgres;
beforeAll(async () => {
  postgres = await startOwnPostgres();
});
afterAll(() => postgres?.[Symbol.asyncDispose]());

function startWriter(database: TestDatabase, options: Partial<WriterOptions> = {}) {
  const committed: Message[] = [];
  const writer = createWriter({
    laneName: 'lane',
    lanes: 3,
    batchMessagesMax: 500,
    gatherMs: () => 0,
    queueMessagesMax: 20_000,
    // Long: most of these tests wait for what an outage delays.
    deadlineMs: 60_000,
    openAfterMs: 60_000,
    probeEveryMs: 100,
    retryAfterMs: 1_000,
    openConnection: () =>
      openAppendConnection({
        url: database.url,
        connectTimeoutMs: 1_000,
        timeoutMs: 1_000,
        applicationName: 'test writer',
      }),
    onCommitted: (messages) => void committed.push(...messages),
    metrics: createMetrics(),
    log: pino({ level: 'silent' }),
    ...options,
  });
  const send = (draft: Draft) =>
    new Promise<SendResult>((resolve) => writer.submit(draft, resolve));
  return { writer, committed, send };
}

const draft = (key: string, channel = 1, body = 'hello'): Draft => ({
  key,
  channel,
  author: 1,
  body,
});
const stored = (sequence: number) => ({ kind: 'stored', sequence });

test('answers every message with its place, in the order it was sent', async () => {
  await using database = await postgres.create(7);
  const { writer, send, committed } = startWriter(database);
  using _ = writer;
  const drafts = Array.from({ length: 2_000 }, (__, n) => draft(`k${n}`, 1 + (n % 7)));
  const results = await Promise.all(drafts.map(send));
  drafts.forEach((__, n) => expect(results[n]).toEqual(stored(1 + Math.floor(n / 7))));
  expect(committed.length).toBe(drafts.length);
  expect(writer.waiting).toBe(0);
  await expectUnbroken(database);
});

test('answers only one of two for a key that still waits, and stores it once', async () => {
  await using database = await postgres.create(1);
  const { writer, committed } = startWriter(database);
  using _ = writer;
  const answers: string[] = [];
  const last = new Promise<SendResult>((resolve) => {
    writer.submit(draft('a'), () => answers.push('first'));
    writer.submit(draft('a'), resolve);
  });
  expect(await last).toEqual(stored(1));
  expect(answers).toEqual([]);
  expect(committed.length).toBe(1);
});

test('refuses a key that belongs to another message, waiting or stored', async () => {
  await using database = await postgres.create(2);
  const { writer, send, committed } = startWriter(database);
  using _ = writer;
  const conflict = { kind: 'refused', code: 'key-conflict' };
  const first = send(draft('a'));
  expect(await send(draft('a', 2))).toMatchObject(conflict);
  expect(await first).toEqual(stored(1));
  expect(await send(draft('a', 1, 'other'))).toMatchObject(conflict);
  expect(committed.length).toBe(1);
});

test('finds the one message of a batch that cannot be stored, and stores the others', async () => {
  await using database = await postgres.create(1);
  const { writer, send } = startWriter(database, { lanes: 1 });
  using _ = writer;
  const drafts = Array.from({ length: 100 }, (__, n) => draft(`k${n}`, n === 37 ? 404 : 1));
  const results = await Promise.all(drafts.map(send));
  expect(results[37]).toMatchObject({ kind: 'refused', code: 'bad-frame' });
  expect(results.toSpliced(37, 1)).toEqual(Array.from({ length: 99 }, (__, n) => stored(n + 1)));
  await expectUnbroken(database);
});

test('answers busy when its queue is full, and takes messages again afterwards', async () => {
  await using database = await postgres.create(1);
  const { writer, send } = startWriter(database, { queueMessagesMax: 10 });
  using _ = writer;
  const results = await Promise.all(Array.from({ length: 15 }, (__, n) => send(draft(`k${n}`))));
  expect(results.filter((result) => result.kind === 'stored').length).toBe(10);
  expect(results.slice(10)).toEqual(
    Array.from({ length: 5 }, () => expect.objectContaining({ code: 'busy' })),
  );
  expect(await send(draft('k14'))).toEqual(stored(11));
});

test('when draining, answers what it has taken and takes nothing more', async () => {
  await using database = await postgres.create(1);
  const { writer, send } = startWriter(database);
  using _ = writer;
  const taken = Array.from({ length: 50 }, (__, n) => send(draft(`k${n}`)));
  const drained = writer.drain();
  expect(await send(draft('late'))).toMatchObject({ kind: 'refused', code: 'busy' });
  await drained;
  expect((await Promise.all(taken)).every((result) => result.kind === 'stored')).toBe(true);
});

test('acknowledges nothing while no replica confirms, and everything once one does', async () => {
  await using database = await postgres.create(2);
  const { writer, send, committed } = startWriter(database);
  using _ = writer;
  await postgres.requireReplica('nobody');
  try {
    const results = Promise.all(['a', 'b', 'c'].map((key, n) => send(draft(key, 1 + (n % 2)))));
    const waits = () =>
      database.query<{ pid: number }>(
        `select pid from pg_stat_activity where wait_event = 'SyncRep' and datname = current_database()`,
      );
    const pids = await eventually('waiting commits', async () => {
      const rows = await waits();
      return rows.length >= 2 && rows;
    });
    for (const { pid } of pids) await database.query('select pg_cancel_backend($1)', [pid]);
    await eventually('the retries to wait too', async () => {
      const rows = await waits();
      return rows.length >= 2 && rows.every(({ pid }) => !pids.some((old) => old.pid === pid));
    });
    expect(committed).toEqual([]);
    expect(writer.waiting).toBe(3);
    await postgres.requireReplica('');
    expect((await results).every((result) => result.kind === 'stored')).toBe(true);
    await expectUnbroken(database);
  } finally {
    await postgres.requireReplica('');
  }
});

test('answers nobody late and nobody wrong while the database is away for long', async () => {
  await using database = await postgres.create(1);
  const metrics = createMetrics();
  const { writer, send } = startWriter(database, {
    lanes: 1,
    deadlineMs: 2_000,
    openAfterMs: 1_000,
    metrics,
  });
  using _ = writer;
  expect(await send(draft('before'))).toEqual(stored(1));
  {
    await using __ = await postgres.service.holdDown();
    const tried = send(draft('tried'));
    // The batch is under way: what comes now waits behind it, until the circuit opens.
    await eventually('an attempt', async () => {
      const { values } = await metrics.commitRetries.get();
      return values.length > 0;
    });
    const behind = send(draft('behind'));
    await eventually('the circuit to open', async () => {
      const { values } = await metrics.circuitOpened.get();
      return values[0]?.value === 1;
    });
    // At once, before anything else can happen.
    const refusals: SendResult[] = [];
    writer.submit(draft('too late'), (result) => void refusals.push(result));
    expect(refusals).toMatchObject([{ kind: 'refused', code: 'busy' }]);
    // Never tried, so certainly not stored. Tried: nobody knows.
    const withdrawn = await behind;
    expect(withdrawn).toMatchObject({ kind: 'refused', code: 'busy' });
    // As long again as the database has been away.
    for (const [told, awayMs] of [
      [refusals[0], 1_000],
      [withdrawn, 2_000],
    ] as const) {
      const waitMs = told?.kind === 'refused' ? told.retryAfterMs : undefined;
      expect(waitMs).toBeGreaterThanOrEqual(awayMs);
      expect(waitMs).toBeLessThan(awayMs + 1_500);
    }
    expect(await tried).toMatchObject({ kind: 'refused', code: 'unconfirmed' });
  }
  // Sent again it waits for the commit that is still under way, or finds what that has stored.
  expect(await send(draft('tried'))).toEqual(stored(2));
  expect(await send(draft('behind'))).toEqual(stored(3));
  expect((await metrics.circuitState.get()).values[0]?.value).toBe(0);
  const rows = await database.query<{ key: string }>('select key from messages order by sequence');
  expect(rows.map(({ key }) => key)).toEqual(['before', 'tried', 'behind']);
});

test('loses, doubles and reorders nothing when PostgreSQL is killed again and again', async () => {
  await using database = await postgres.create(5);
  const { writer, send } = startWriter(database);
  using _ = writer;
  const results: Promise<SendResult>[] = [];
  let kills = 0;
  const load = setInterval(() => {
    for (let n = 0; n < 10; n++) results.push(send(draft(`k${results.length}`, 1 + (n % 5))));
  }, 5);
  try {
    for (; kills < 3; kills++) {
      const before = results.length;
      await eventually('some more messages', () => results.length > before + 500);
      await postgres.service.kill();
    }
  } finally {
    clearInterval(load);
  }
  const answers = await Promise.all(results);
  expect(answers.every((answer) => answer.kind === 'stored')).toBe(true);
  // The last answer may have come before the last kill.
  await postgres.awaitAnswer();
  await expectUnbroken(database);
  const rows = await database.query<{ key: string; sequence: string }>(
    'select key, sequence from messages',
  );
  const places = new Map(rows.map((row) => [row.key, Number(row.sequence)]));
  expect(places.size).toBe(results.length);
  answers.forEach((answer, n) => expect(answer).toEqual(stored(places.get(`k${n}`) ?? -1)));
  for (let n = 10; n < results.length; n++) {
    // Ten later comes the next message of the same channel (five later, too).
    expect(places.get(`k${n}`)).toBeGreaterThan(places.get(`k${n - 5}`) ?? Infinity);
  }
});
