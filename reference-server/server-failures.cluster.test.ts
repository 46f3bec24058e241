/** A chat service of two servers while something breaks: a database, NATS, a reader, a server. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectUser, upgradeStatus } from './testing/chat-client.ts';
import { TEST_TOKEN_SECRET } from './testing/chat-server.ts';
import {
  newKey,
  numbers,
  say,
  startChatService,
  type ChatService,
} from './testing/chat-service.ts';
import { expectUnbroken } from './testing/database.ts';
import { eventually } from './testing/eventually.ts';
import { signToken } from './token.ts';

let service: ChatService;
beforeAll(async () => {
  service = await startChatService();
});
afterAll(() => service?.[Symbol.asyncDispose]());

test('delivers everything although NATS is gone, and from the database', async () => {
  const channel = service.newChannel();
  using alice = await service.connect(0, 0);
  using bob = await service.connect(1, 1);
  await bob.join(channel, 0);
  await say(alice, channel);
  const filledBefore = await service.servers[1].metric('chat_gap_messages_total');
  {
    await using _ = await service.nats.service.holdDown();
    for (let n = 0; n < 250; n++) await say(alice, channel);
    await eventually('what NATS did not bring', () => bob.received(channel).length === 251);
  }
  await eventually('the servers to find NATS again', async () => {
    await say(alice, channel);
    const announced = await service.servers[1].metric('chat_peer_batches_total');
    await say(alice, channel);
    return (await service.servers[1].metric('chat_peer_batches_total')) > announced;
  });
  const head = await say(alice, channel);
  await eventually('the last message', () => bob.received(channel).includes(head));
  expect(bob.received(channel)).toEqual(numbers(1, head));
  expect(await service.servers[1].metric('chat_gap_messages_total')).toBeGreaterThanOrEqual(
    filledBefore + 250,
  );
});

test('loses, doubles and reorders nothing when PostgreSQL is killed under load', async () => {
  const channel = service.newChannel();
  const users = await Promise.all(
    Array.from({ length: 6 }, (_, n) => service.connect(n % 2 === 0 ? 0 : 1, n)),
  );
  for (const user of users) await user.join(channel, 0);
  let stop = false;
  const sent: { key: string; user: number; sequence: number }[] = [];
  const sending = users.map(async (user, n) => {
    while (!stop) {
      const key = newKey();
      user.send(['send', key, channel, 'hello']);
      const ack = await user.next('ack', (frame) => frame[1] === key);
      sent.push({ key, user: n, sequence: ack[3] });
    }
  });
  for (let kills = 0; kills < 2; kills++) {
    const before = sent.length;
    await eventually('messages to flow', () => sent.length > before + 100);
    await service.postgres.service.kill();
  }
  const after = sent.length;
  await eventually('messages to flow again', () => sent.length > after + 100);
  stop = true;
  await Promise.all(sending);

  const rows = await service.database.query<{ key: string; sequence: string; author: number }>(
    'select key, sequence, author from messages where channel = $1 order by sequence',
    [channel],
  );
  const stored = rows.map((row) => ({
    key: row.key,
    user: row.author,
    sequence: Number(row.sequence),
  }));
  expect(stored).toEqual(sent.toSorted((a, b) => a.sequence - b.sequence));
  await expectUnbroken(service.database);
  for (const user of users) {
    await eventually('the last message', () => user.received(channel).length === sent.length);
    expect(user.received(channel)).toEqual(numbers(1, sent.length));
    user[Symbol.dispose]();
  }
});

test('stays ready while the database is away, and answers busy when its queue is full', async () => {
  const channel = service.newChannel();
  const small = await service.startServer('small', {
    QUEUE_MESSAGES_MAX: '5',
    STATEMENT_TIMEOUT_MS: '1000',
  });
  using user = await connectUser(small.url, 0);
  const keys = numbers(1, 8).map(newKey);
  {
    await using _ = await service.postgres.service.holdDown();
    for (const key of keys) user.send(['send', key, channel, 'hello']);
    await eventually('refusals', () => user.ofKind('error').length === 3);
    expect(user.ofKind('error').every(([, code]) => code === 'busy')).toBe(true);
    expect((await small.get('/readyz')).status).toBe(200);
    expect(user.ofKind('ack')).toEqual([]);
  }
  await eventually('the acknowledgements', () => user.ofKind('ack').length === 5);
  expect(user.ofKind('ack').map(([, key]) => key)).toEqual(keys.slice(0, 5));
});

test('closes a socket that does not read, keeps serving others, and lets it resume', async () => {
  const channel = service.newChannel();
  const strict = await service.startServer('strict');
  using writer = await connectUser(strict.url, 0);
  using reader = await connectUser(strict.url, 1);
  using sleeper = await connectUser(strict.url, 2);
  for (const user of [reader, sleeper]) await user.join(channel, 0);
  sleeper.pause();
  const sleepersGone = async () => (await strict.metric('chat_open_sockets')) === 2;
  const body = '🌊'.repeat(2_000);
  let head = 0;
  // What the kernel buffers on the way comes on top of the limit.
  for (let n = 0; n < 100 && !(await sleepersGone()); n++) {
    head = Math.max(...(await Promise.all(numbers(1, 50).map(() => say(writer, channel, body)))));
  }
  await eventually('the sleeper to be closed', sleepersGone);
  expect(await strict.metric('chat_sockets_closed_total', 'reason="backpressure"')).toBe(1);
  expect(reader.closeCode).toBeUndefined();
  await eventually('the last message', () => reader.received(channel).includes(head));
  expect(reader.received(channel)).toEqual(numbers(1, head));

  using awake = await connectUser(strict.url, 2);
  await awake.join(channel, 0);
  expect(awake.received(channel)).toEqual(numbers(1, head));
});

test('tells a reader who is slow for long that it is, and lets it resume', async () => {
  const channel = service.newChannel();
  const patient = await service.startServer('patient', {
    BACKPRESSURE_BYTES_MAX: String(100 << 20),
    SLOW_READER_PATIENCE_MS: '1000',
  });
  using writer = await connectUser(patient.url, 0);
  using sleeper = await connectUser(patient.url, 1);
  await sleeper.join(channel, 0);
  sleeper.pause();
  const closed = async () =>
    (await patient.metric('chat_sockets_closed_total', 'reason="slow-reader"')) === 1;
  const body = '🌊'.repeat(2_000);
  let head = 0;
  for (let n = 0; n < 100 && !(await closed()); n++) {
    head = Math.max(...(await Promise.all(numbers(1, 50).map(() => say(writer, channel, body)))));
  }
  await eventually('the sleeper to be closed', closed);
  sleeper.resume();
  await eventually('the sleeper to hear of it', () => sleeper.closeCode !== undefined);
  expect(sleeper.closeCode).toBe(1013);
  expect(sleeper.closeReason).toContain('too slowly');
  const received = sleeper.received(channel);
  expect(received).toEqual(numbers(1, received.length));

  using awake = await connectUser(patient.url, 1);
  await awake.join(channel, received.length);
  expect(awake.received(channel)).toEqual(numbers(received.length + 1, head));
});

test('fails fast while the database is away, keeps its sockets, and recovers by itself', async () => {
  const channel = service.newChannel();
  const careful = await service.startServer('careful', {
    CIRCUIT_OPEN_AFTER_MS: '1000',
    RETRY_AFTER_MS: '700',
  });
  using user = await connectUser(careful.url, 0);
  await user.join(channel, 0);
  await say(user, channel);
  const waiting = newKey();
  const refused: string[] = [];
  const awayMs: number[] = [];
  {
    await using _ = await service.postgres.service.holdDown();
    user.send(['send', waiting, channel, 'hello']);
    await eventually('the circuit to open', async () => {
      const key = newKey();
      user.send(['send', key, channel, 'hello']);
      const sentMs = performance.now();
      const error = await eventually(
        'a refusal',
        () => user.ofKind('error').find((frame) => frame[2] === key) ?? false,
        100,
      );
      refused.push(key);
      expect(performance.now() - sentMs).toBeLessThan(100);
      expect(error).toEqual(['error', 'busy', key, expect.any(String), expect.any(Number)]);
      awayMs.push(error[4] ?? 0);
      return true;
    });
    // As long again as it has been away, so that not all come at once when it is back.
    expect(awayMs[0]).toBeGreaterThanOrEqual(1_000);
    expect(awayMs[0]).toBeLessThan(5_000);
    expect(await careful.metric('chat_circuit_state')).toBeGreaterThan(0);
    expect((await careful.get('/readyz')).status).toBe(200);
    expect(user.ofKind('ack')).toHaveLength(1);
  }
  // What was under way is stored by the probe that closes the circuit.
  await user.next('ack', (frame) => frame[1] === waiting);
  await say(user, channel);
  expect(user.closeCode).toBeUndefined();
  expect(await careful.metric('chat_circuit_state')).toBe(0);
  expect(await careful.metric('chat_circuit_opened_total')).toBe(1);
  const stored = await service.database.query('select from messages where key = any ($1)', [
    refused,
  ]);
  expect(stored).toHaveLength(0);
});

test('leaves in good order: answers what it took, says goodbye, and ends', async () => {
  const channel = service.newChannel();
  const leaving = await service.startServer('leaving');
  using user = await connectUser(leaving.url, 0);
  await user.join(channel, 0);
  {
    await using _ = await service.postgres.service.holdDown();
    for (let n = 0; n < 50; n++) user.send(['send', newKey(), channel, 'hello']);
    await eventually(
      'the messages to wait',
      async () => (await leaving.metric('chat_send_queue_length')) === 50,
    );
    await leaving.service.shell('touch /tmp/held && kill -TERM $(cat /tmp/pid)');
    await eventually('it to be leaving', async () => (await leaving.get('/readyz')).status === 404);
    expect((await leaving.get('/healthz')).status).toBe(200);
    // No new users, no new messages; what was taken still waits.
    const token = await signToken(TEST_TOKEN_SECRET, 1, 60);
    expect(await upgradeStatus(leaving.url, `Bearer ${token}`)).toBe(503);
    user.send(['send', 'late', channel, 'hello']);
    expect((await user.next('error')).slice(0, 3)).toEqual(['error', 'busy', 'late']);
    expect(user.closeCode).toBeUndefined();
  }
  await eventually('the socket to be closed', () => user.closeCode !== undefined);
  expect(user.closeCode).toBe(1001);
  expect(user.ofKind('ack').map(([, , , sequence]) => sequence)).toEqual(numbers(1, 50));
  expect(user.received(channel)).toEqual(numbers(1, 50));
  expect(user.frames.at(-1)?.[0]).toBe('bye');
  await eventually('the process to end', async () => {
    await leaving.service.shell('! kill -0 $(cat /tmp/pid)');
    return true;
  });
});
