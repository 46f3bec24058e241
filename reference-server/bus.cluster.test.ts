/** Requests between two servers, each by a NATS server of its own, while one of these dies. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pino, type Logger } from 'pino';
import { openBus, type Bus } from './bus.ts';
import { eventually } from './testing/eventually.ts';
import { openLab, type Lab } from './testing/lab.ts';
import { startNats, type TestNats } from './testing/nats.ts';

/** Far longer than a test may take: whoever waits for its end has failed. */
const TIMEOUT_MS = 600_000;
const SUBJECT = 'ask';

let lab: Lab;
let first: TestNats;
let second: TestNats;
beforeAll(async () => {
  lab = await openLab();
  first = await startNats(lab);
  second = await startNats(lab, first);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

const silent = pino({ enabled: false });
const busBy = (nats: readonly TestNats[], log: Logger = silent): Bus =>
  openBus({ servers: nats.map(({ url }) => url), name: 'test', onConnected: () => undefined, log });

/** Until a request of one is answered by the other: both are connected, and NATS knows of both. */
const connected = (asking: Bus, subject: string) =>
  eventually('an answer', async () => {
    const { kind } = await asking.request(subject, '', 1_000);
    return kind === 'answered';
  });

test('a request is lost at once with the connection it went by, and the next goes by another', async () => {
  await using asking = busBy([first, second]);
  await using serving = busBy([second]);
  const asked = Promise.withResolvers<void>();
  serving.serve(SUBJECT, (payload) => {
    if (payload !== 'never') return Promise.resolve('answer');
    asked.resolve();
    return Promise.withResolvers<string>().promise;
  });
  await connected(asking, SUBJECT);
  const request = asking.request(SUBJECT, 'never', TIMEOUT_MS);
  await asked.promise;
  await using _ = await first.service.holdDown();
  expect(await request).toMatchObject({ kind: 'lost' });
  const next = await eventually('a way to ask', async () => {
    const answer = await asking.request(SUBJECT, 'again', TIMEOUT_MS);
    return answer.kind !== 'nobody' && answer;
  });
  expect(next).toEqual({ kind: 'answered', payload: 'answer' });
});

/**
 * Asks by the second NATS server somebody who serves by the first. It answers once
 * `mayAnswer` resolves, and is told that it is asked, and that its connection is lost.
 */
async function askAcross(mayAnswer: (serving: Bus, lost: Promise<void>) => Promise<void>) {
  await using held = new AsyncDisposableStack();
  await first.isUp();
  const lost = Promise.withResolvers<void>();
  const log = pino(
    { level: 'warn' },
    { write: (line) => (line.includes('peers lost') ? lost.resolve() : undefined) },
  );
  const asking = held.use(busBy([second]));
  const serving = held.use(busBy([first, second], log));
  const asked = Promise.withResolvers<void>();
  serving.serve(SUBJECT, async (payload) => {
    if (payload === '') return '';
    asked.resolve();
    await mayAnswer(serving, lost.promise);
    return 'the answer';
  });
  await connected(asking, SUBJECT);
  const answer = asking.request(SUBJECT, 'one', TIMEOUT_MS);
  await asked.promise;
  const resources = held.move();
  return { answer, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

test('an answer that is ready while there is no connection leaves by the next one', async () => {
  let wasConnected: boolean | undefined;
  await using asked = await askAcross(async (serving, lost) => {
    await lost;
    wasConnected = serving.isConnected;
  });
  await using _ = await first.service.holdDown();
  expect(await asked.answer).toEqual({ kind: 'answered', payload: 'the answer' });
  expect(wasConnected).toBe(false);
});

test('an answer into a connection that nobody reads any more leaves once more by the next one', async () => {
  const frozen = Promise.withResolvers<void>();
  let wasConnected: boolean | undefined;
  await using asked = await askAcross(async (serving) => {
    await frozen.promise;
    wasConnected = serving.isConnected;
  });
  await first.service.shell('kill -STOP $(cat /tmp/pid)');
  frozen.resolve();
  await eventually('the answer to be ready', () => wasConnected !== undefined);
  await using _ = await first.service.holdDown();
  expect(await asked.answer).toEqual({ kind: 'answered', payload: 'the answer' });
  expect(wasConnected).toBe(true);
});
