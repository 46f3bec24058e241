import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clientLedgerFile } from '../run-directory.ts';
import { LOOP_LAG_FIELDS } from './client-records.ts';
import { hasFinished } from './ledgers.ts';
import { cleanHistory, type History, type Sent } from './run-history.fixture.ts';
import { ledgersOf, withLedgers, withRun } from './written-history.fixture.ts';

test('reads every message as it was written', () => {
  const history = cleanHistory({ users: 10, perUser: 5, shards: 2 });
  withLedgers(history, ({ records, baseMs, schedule, shards, clientProblems }) => {
    const { messages } = records;
    const shiftMs = 1_760_000_000_000 - baseMs;
    expect(clientProblems).toEqual([]);
    expect(shards.every(hasFinished)).toBe(true);
    expect(schedule).toEqual(history.schedule);
    for (const { user, n, channel, sentMs, acknowledgedMs, sequence } of history.sent) {
      const message = n * messages.users + user;
      expect({
        channel: messages.channel[message],
        sentMs: messages.firstSentMs[message],
        acknowledgedMs: messages.acknowledgedMs[message],
        sequence: messages.sequence[message],
        attempts: messages.attemptsBefore[message],
      }).toEqual({
        channel,
        sentMs: (sentMs[0] ?? 0) + shiftMs,
        acknowledgedMs: (acknowledgedMs ?? 0) + shiftMs,
        sequence,
        attempts: 1,
      });
    }
  });
});

test('tolerates a torn last line, and says that the shard did not finish', async () => {
  const history = cleanHistory({ shards: 1 });
  await withRun(history, async (run) => {
    const path = join(run, clientLedgerFile(0));
    truncateSync(path, readFileSync(path).length - 4);
    const { shards, clientProblems } = ledgersOf(run, history);
    expect(clientProblems).toEqual([]);
    expect(shards[0]?.torn).toBe(true);
    expect(shards.map(hasFinished)).toEqual([false]);
  });
});

test.each([
  ['Q 1 2 3', 'is malformed'],
  ['', 'is malformed'],
  ['A 9000 0 1', 'is malformed'],
  ['A 9000 0 1 2 3', 'is malformed'],
  ['A 9000 0 x 2', 'is malformed'],
  ['A 9000 0 01 2', 'is malformed'],
  ['A 9000 0 1 2 ', 'is malformed'],
  ['A  9000 0 1 2', 'is malformed'],
  ['A 9000 0 1 99999999999', 'is malformed'],
  ['A 9000 7000 1 2', 'names a user of another shard'],
  ['A 9000 0 1 2', 'acknowledges a message once more'],
  ['A 9000 0 999 2', 'acknowledges a message that was never sent'],
  ['R 9000 0 1 -5 1 0 0', 'is out of bounds'],
  ['R 9000 0 1 5 3 0 0', 'is out of bounds'],
  ['R 9000 0 1 1 3 -1 0', 'is out of bounds'],
  ['L 9000 0 -60', 'is out of bounds'],
  ['F 9000 0 4 -6', 'is out of bounds'],
  ['E 9000 0 -2 5', 'is out of bounds'],
  ['H 9000 0 1 0 1 -1 5', 'is out of bounds'],
  ['H 9000 0 1 0 3 1 5', 'is out of bounds'],
  ['H 9000 0 1 5', 'is malformed'],
  ['D 9000 0 12', 'is malformed'],
  ['D 9000 0 12 -1', 'is out of bounds'],
  ['D 9000 0 99999 1', 'names a bucket that is none'],
  ['V 9000 0 1', 'is malformed'],
  ['V 9000 0 1 -3', 'is out of bounds'],
  ['V 9000 7000 1 3', 'names a user of another shard'],
  ['S 9000 0 1 99999 8000 2', 'sends a message to another channel'],
  ['S 9000 0 2000000000 1 8000 1', 'is out of bounds'],
])('names file and line of "%s", which %s', (line, complaint) => {
  const history = cleanHistory({ shards: 1, users: 4 });
  history.heard = undefined;
  history.extraLines[0]?.push(line);
  withLedgers(history, ({ clientProblems, shards }) => {
    expect(clientProblems).toHaveLength(1);
    const lineNumber = (shards[0]?.lines ?? 0) - 1 - history.received.length;
    expect(clientProblems[0]).toBe(`clients-0.log:${lineNumber} ${complaint}: "${line}"`);
    expect(shards.map(hasFinished)).toEqual([false]);
  });
});

test('adds up how long deliveries took, of all virtual users, and none twice', () => {
  const history = cleanHistory({ users: 8, shards: 2 });
  history.extraLines[0]?.push('D 9000 0 20 3', 'D 9000 0 21 1', 'D 9000 0 20 2');
  history.extraLines[1]?.push('D 9000 0 20 4');
  withLedgers(history, ({ clientProblems, records }) => {
    expect(records.deliveryTimes[20]).toBe(7);
    expect(records.deliveryTimes[21]).toBe(1);
    expect(clientProblems).toEqual([
      expect.stringMatching(/counts a bucket once more: "D 9000 0 20 2"$/),
    ]);
  });
});

test('a listener that tells of a channel twice is told', () => {
  const history = cleanHistory({ users: 4, shards: 1 });
  history.extraLines[0]?.push('V 9000 0 99 5', 'V 9000 0 99 6');
  withLedgers(history, ({ clientProblems }) => {
    expect(clientProblems).toEqual([
      expect.stringMatching(/says what a listener heard in a channel once more: "V 9000 0 99 6"$/),
    ]);
  });
});

test('a profile of rates says what was intended, and a send at another time is told', () => {
  const spans = [
    { fromMs: 0, times: 1 },
    { fromMs: 4_000, times: 3 },
  ];
  const rates = [{ every: 2, first: 1, spans }];
  const history = cleanHistory({ users: 8, shards: 2, rates });
  withLedgers(history, ({ clientProblems, schedule }) => {
    expect(clientProblems).toEqual([]);
    expect(schedule.rates).toEqual(rates);
  });
  history.timedLines[0]?.push([20_000, 'S 20000 1 6 1 20000 1']);
  withLedgers(history, ({ clientProblems }) => {
    expect(clientProblems).toEqual(['1 sends are not at the times of the schedule']);
  });
});

test('a ledger of before there were rates is that of a steady load', async () => {
  const history = cleanHistory({ shards: 1 });
  await withRun(history, async (run) => {
    const path = join(run, clientLedgerFile(0));
    writeFileSync(path, readFileSync(path, 'utf8').replace('"rates":[],', ''));
    expect(ledgersOf(run, history)).toMatchObject({ clientProblems: [], schedule: { rates: [] } });
  });
});

test('a shard with other rates than the first is of another run', async () => {
  const history = cleanHistory({ shards: 2 });
  await withRun(history, async (run) => {
    const path = join(run, clientLedgerFile(1));
    const rates = '"rates":[{"every":1,"first":0,"spans":[{"fromMs":0,"times":2}]}],';
    writeFileSync(path, readFileSync(path, 'utf8').replace('"rates":[],', rates));
    expect(ledgersOf(run, history).clientProblems).toContain(
      'shard 1 is of another run than the first shard',
    );
  });
});

test('says which users no client ledger holds', async () => {
  const history = cleanHistory({ users: 8, shards: 2 });
  await withRun(history, async (run) => {
    writeFileSync(join(run, clientLedgerFile(1)), '{"schema":');
    expect(ledgersOf(run, history).clientProblems).toEqual([
      'clients-1.log has no header: the shard was stopped before it began',
      'no client ledger holds users 4 to 7',
    ]);
  });
});

test('refuses a shard of another run', async () => {
  const history = cleanHistory({ users: 8, shards: 2 });
  await withRun(history, async (run) => {
    const path = join(run, clientLedgerFile(1));
    writeFileSync(path, readFileSync(path, 'utf8').replace('"runNonce":"r1"', '"runNonce":"r9"'));
    expect(ledgersOf(run, history).clientProblems).toEqual([
      'shard 1 is of another run than the first shard',
      'no client ledger holds users 4 to 7',
    ]);
  });
});

test('notices sends that are not at the times of the schedule', () => {
  const history = cleanHistory({ users: 4, shards: 1 });
  const message = history.sent[0];
  // The first message was left out, so that a made-up send of it takes its place.
  history.sent = history.sent.slice(1);
  history.extraLines[0]?.push(`S 60000 ${message?.user} ${message?.n} ${message?.channel} 1 1`);
  withLedgers(history, ({ clientProblems }) => {
    expect(clientProblems).toEqual(['1 sends are not at the times of the schedule']);
  });
});

test('measures the lateness of a send only where nothing but the generator could delay it', async () => {
  const history = cleanHistory({ users: 2, perUser: 4, shards: 1, intervalMs: 10_000 });
  const [first, second, third] = history.sent.filter(({ user }) => user === 0);
  if (first === undefined || second === undefined || third === undefined) throw new Error('short');
  // The first one takes until after the second was meant: its delay is the service's.
  first.acknowledgedMs = (second.sentMs[0] ?? 0) + 500;
  second.sentMs = [first.acknowledgedMs];
  second.acknowledgedMs = first.acknowledgedMs + 5;
  // Nothing was under way here, so this delay is the generator's own.
  third.sentMs = [(third.sentMs[0] ?? 0) + 70];
  third.acknowledgedMs = (third.sentMs[0] ?? 0) + 5;
  withLedgers(history, ({ records, clientProblems }) => {
    const lags = [...records.sendLags.view()].filter((_, index) => index % 2 === 1);
    expect(clientProblems).toEqual([]);
    expect(lags.sort((a, b) => a - b)).toEqual([0, 0, 0, 0, 0, 0, 70]);
  });
});

test('reads lines longer than a chunk and files larger than one', async () => {
  const history = cleanHistory({ users: 2, perUser: 1, shards: 1 });
  await withRun(history, async (run) => {
    const path = join(run, clientLedgerFile(0));
    const lag = 'L 1 0 60\n';
    appendFileSync(path, lag.repeat(400_000));
    appendFileSync(path, `Q${'x'.repeat(3_000_000)}\n`);
    const { records, clientProblems } = ledgersOf(run, history);
    expect(records.loopLags.view()).toHaveLength(400_000 * LOOP_LAG_FIELDS);
    expect(clientProblems).toHaveLength(1);
  });
});

test('a virtual user that finished twice does not stand for one that never did', async () => {
  const history = cleanHistory({ users: 4, shards: 1 });
  await withRun(history, (run) => {
    const path = join(run, clientLedgerFile(0));
    const text = readFileSync(path, 'utf8')
      .replace('"virtualUsers":1', '"virtualUsers":2')
      .replace(/^F (\d+) 0 4 (\d+)\n$/m, 'F $1 0 2 $2\nF $1 0 2 $2\n');
    writeFileSync(path, text);
    const { shards, clientProblems } = ledgersOf(run, history);
    expect(clientProblems.join()).toContain('finishes a virtual user once more');
    expect(shards.map(hasFinished)).toEqual([false]);
    return Promise.resolve();
  });
});

test('a message that was answered before it was sent is told: its clock was moved', () => {
  const history = cleanHistory({ users: 2, perUser: 2, shards: 1 });
  const [first] = history.sent;
  if (first === undefined) throw new Error('nothing was sent');
  history.extraLines[0]?.push(`S 9000 0 5 ${first.channel} 15000 1`, 'A 8999 0 5 9');
  withLedgers(history, ({ clientProblems }) => {
    expect(clientProblems.join()).toContain('acknowledges a message before it was sent');
  });
});

test('tells an attempt that nobody answered from one that was refused', () => {
  const history = cleanHistory({ users: 2, perUser: 1, shards: 1 });
  const [first, second] = history.sent;
  if (first === undefined || second === undefined) throw new Error('nothing was sent');
  for (const message of [first, second]) {
    const at = message.sentMs[0] ?? 0;
    message.sentMs = [at, at + 3_000];
    message.acknowledgedMs = at + 3_010;
  }
  withLedgers(history, ({ records }) => {
    expect([...records.resends.view()].filter((_, index) => index % 2 === 0).sort()).toEqual([
      0, 1,
    ]);
  });
  withRefusal(history, first);
  withLedgers(history, ({ records }) => {
    const again = [...records.resends.view()].filter((_, index) => index % 2 === 0);
    expect(again).not.toContain(first.n * 2 + first.user);
    expect(again).toContain(second.n * 2 + second.user);
  });
});

function withRefusal(history: History, { user, n, sentMs }: Sent): void {
  const at = (sentMs[0] ?? 0) + 5;
  history.timedLines[0]?.push([at, `E ${at} ${user} ${n} 5`]);
}
