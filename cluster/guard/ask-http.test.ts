import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { askHttp } from './ask-http.ts';

async function service(answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    connections: () =>
      new Promise<number>((counted) => server.getConnections((_error, count) => counted(count))),
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const soon = () => AbortSignal.timeout(300);
const untold = AbortSignal.timeout(60_000);

test('gives any status and the whole text, and asks with its body on a kept connection', async () => {
  using echo = await service((question, answer) => {
    answer.statusCode = 503;
    question.pipe(answer);
  });
  for (const body of ['ä'.repeat(100_000), 'twice']) {
    const answer = await askHttp(echo.url, { method: 'POST', body, signal: untold });
    expect(answer).toEqual({ status: 503, text: body });
  }
  expect(await echo.connections()).toBe(1);
});

test('rejects in time where nothing is answered, or only the beginning', async () => {
  using silent = await service(() => undefined);
  await expect(askHttp(silent.url, { signal: soon() })).rejects.toThrow();
  using stuck = await service((_question, answer) => void answer.write('{"state": "runn'));
  await expect(askHttp(stuck.url, { signal: soon() })).rejects.toThrow();
});

test('rejects where the connection is refused, or breaks within the answer', async () => {
  await expect(askHttp('http://127.0.0.1:1/', { signal: untold })).rejects.toThrow('ECONNREFUSED');
  using broken = await service((_question, answer) => {
    answer.write('{"state"', () => answer.destroy());
  });
  await expect(askHttp(broken.url, { signal: untold })).rejects.toThrow();
});
