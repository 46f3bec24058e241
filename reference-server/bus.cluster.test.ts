/** Requests between two servers, each by a NATS server of its own, while one of these dies. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pino } from 'pino';
import { openBus, type Bus } from './bus.ts';
import { createMetrics } from './metrics.ts';
import { pageReply } from './page-request.ts';
import { createRemotePages } from './remote-pages.ts';
import { subjectOf } from './roles.ts';
import { eventually } from './testing/eventually.ts';
import { openLab, type Lab } from './testing/lab.ts';
import { startNats, type TestNats } from './testing/nats.ts';

/** Far longer than a test may take: whoever waits for its end has failed. */
const TIMEOUT_MS = 600_000;
const SUBJECT = 'ask';
const ENTRY = [7, 'key', 3, 'body'] as const;
const ANSWER = JSON.stringify(pageReply([ENTRY]));

let lab: Lab;
let first: TestNats;
let second: TestNats;
beforeAll(async () => {
  lab = await openLab();
  first = await startNats(lab);
  second = await startNats(lab, first);
});
afterAll(() => lab?.[Symbol.asyncDispose]());

const log = pino({ enabled: false });
const busBy = (nats: readonly TestNats[]): Bus =>
  openBus({ servers: nats.map(({ url }) => url), name: 'test', onConnected: () => undefined, log });

/** Until a request of one is answered by the other: both are connected, and NATS knows of both. */
const connected = (asking: Bus, subject: string) =>
  eventually('an answer', async () => {
    const { kind } = await asking.request(subject, '', 1_000);
    return kind === 'answered';
  });

/** Answers all requests but the first that is not empty; resolves when that has come. */
function serveAllBut(serving: Bus, subject: string): Promise<void> {
  const asked = Promise.withResolvers<void>();
  let isAsked = false;
  serving.serve(subject, (payload) => {
    if (isAsked || payload === '') return Promise.resolve(ANSWER);
    isAsked = true;
    asked.resolve();
    return Promise.withResolvers<string>().promise;
  });
  return asked.promise;
}

test('a request is lost at once with the connection it went by', async () => {
  const alone = await startNats(lab);
  await using asking = busBy([alone]);
  await using serving = busBy([alone]);
  const asked = serveAllBut(serving, SUBJECT);
  await connected(asking, SUBJECT);
  const request = asking.request(SUBJECT, 'one', TIMEOUT_MS);
  await asked;
  await using _ = await alone.service.holdDown();
  expect(await request).toMatchObject({ kind: 'lost' });
  expect(await asking.request(SUBJECT, 'one', TIMEOUT_MS)).toMatchObject({ kind: 'nobody' });
});

test('a request is lost at once with the NATS server of who was to answer, and the next goes by another', async () => {
  await first.awaitUp();
  await using asking = busBy([second]);
  await using serving = busBy([first, second]);
  const asked = serveAllBut(serving, SUBJECT);
  await connected(asking, SUBJECT);
  const request = asking.request(SUBJECT, 'one', TIMEOUT_MS);
  await asked;
  await using _ = await first.service.holdDown();
  expect(await request).toMatchObject({ kind: 'lost' });
  expect(asking.isConnected).toBe(true);
  await eventually('an answer by another', async () => {
    const { kind } = await asking.request(SUBJECT, 'another', 1_000);
    return kind === 'answered';
  });
});

test('a page that is lost with a NATS server is asked for once more', async () => {
  await first.awaitUp();
  const subject = subjectOf('history', 0);
  await using asking = busBy([second]);
  await using serving = busBy([first, second]);
  const asked = serveAllBut(serving, subject);
  await connected(asking, subject);
  const metrics = createMetrics();
  const pages = createRemotePages({ bus: asking, databases: 1, timeoutMs: TIMEOUT_MS, metrics });
  const page = pages({ channel: 1, published: 7, recentAfter: () => undefined }, 0, 10);
  await asked;
  // By whom it can be answered before the other has found a way again.
  await using another = busBy([second]);
  let answers = 0;
  another.serve(subject, () => {
    answers += 1;
    return Promise.resolve(ANSWER);
  });
  await eventually('another to be asked', async () => {
    await asking.request(subject, '', 1_000);
    return answers > 0;
  });
  await using _ = await first.service.holdDown();
  expect(await page).toEqual([ENTRY]);
});
