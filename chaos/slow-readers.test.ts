import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, createReadStream, openSync } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { startSlowReaders } from './slow-readers.ts';

const READERS = 3;
const CHANNELS = [1, 2, 3] as const;
/** What a pipe of Linux takes before whoever writes has to wait. */
const PIPE_BYTES = 65_536;

/** Takes everybody in and says goodbye to who does. */
async function startService() {
  const service = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  const seen = { joined: 0, left: 0 };
  service.on('connection', (socket) => {
    socket.once('message', () => {
      seen.joined++;
      for (const channel of CHANNELS) socket.send(JSON.stringify(['joined', channel, 0]));
    });
    socket.once('close', () => seen.left++);
  });
  await once(service, 'listening');
  onTestFinished(() => void service.close());
  return { seen, url: `ws://127.0.0.1:${(service.address() as AddressInfo).port}` };
}

/** A file that takes nothing more until `drain`, which returns all that was written. */
async function openSlowFile(path: string) {
  execFileSync('mkfifo', [path]);
  const reading = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  await using filling = await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
  await filling.write(Buffer.alloc(PIPE_BYTES, '\n'));
  return {
    async drain() {
      // Another end, which waits for more until whoever writes is done.
      const written = await text(createReadStream(path));
      closeSync(reading);
      return written;
    },
  };
}

test('whoever hears its goodbye while the ledger is being closed ends nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-slow-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [ledger, caFile] = [join(folder, 'clients-0.log'), join(folder, 'ca.pem')];
  const [service, slowFile] = [await startService(), await openSlowFile(ledger)];
  await writeFile(caFile, '');
  const nowMs = Date.now();
  await using readers = await startSlowReaders({
    ...{ ledger, caFile, runNonce: 'abc', seed: 7, users: READERS },
    ...{ epochMs: nowMs, connectFromMs: nowMs, sendFromMs: nowMs },
    edges: [service.url],
    logins: Array.from({ length: READERS }, (_, user) => ({ user, token: '', channels: CHANNELS })),
    spell: { fromMs: 0, toMs: 1 },
  });
  await expect.poll(() => service.seen.joined).toBe(READERS);
  readers.tell({ kind: 'finish', finishAtMs: Date.now() });
  await expect.poll(() => service.seen.left).toBe(READERS);
  const [written] = await Promise.all([slowFile.drain(), readers.finished]);
  const kinds = written.trim().replace(/^(\w).*$/gm, '$1');
  // Connected, received, listened, finished; and nobody hung up.
  expect(kinds.replaceAll('\n', '')).toBe(
    `CCC${'R'.repeat(READERS * CHANNELS.length)}${'V'.repeat(READERS * CHANNELS.length)}F`,
  );
});
