/** What a user's client meets at the edges: TLS, and nobody who has no token. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Cluster } from '../cluster.ts';
import { startCluster } from './start-cluster.ts';

/** Building the images on a slow mirror is what takes long. */
const START_TIMEOUT_MS = 900_000;

let cluster: Cluster;
let ca: Buffer;
beforeAll(async () => {
  cluster = await startCluster({
    id: `test-edges-${process.pid}`,
    users: 100,
    keep: false,
    log: (line) => console.log(line),
  });
  ca = await readFile(cluster.caFile);
}, START_TIMEOUT_MS);
afterAll(() => cluster[Symbol.asyncDispose]());

const hosts = (): readonly string[] => cluster.edges.map((edge) => new URL(edge).hostname);

const upgradeStatus = (host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    request({
      ...{ host, port: 443, ca, path: '/chat' },
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
      },
    })
      .once('response', (response) => resolve(response.resume().statusCode))
      .once('upgrade', () => resolve(101))
      .once('error', reject)
      .end();
  });

function dial(host: string, options: ConnectionOptions = {}): TLSSocket {
  const socket = connect({ host, port: 443, ca, ...options });
  onTestFinished(() => void socket.destroy());
  return socket;
}

test('both edges turn away whoever has no token', async () => {
  expect(hosts()).toHaveLength(2);
  for (const host of hosts()) expect(await upgradeStatus(host)).toBe(401);
});

test('both edges speak TLS 1.2 or newer', async () => {
  const old = {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'ALL:@SECLEVEL=0',
  } as const;
  for (const host of hosts()) {
    const outcome = await new Promise<string>((resolve) => {
      const socket = dial(host, old)
        .once('secureConnect', () => resolve(socket.getProtocol() ?? ''))
        .once('error', (error: Error) => resolve(error.message));
    });
    expect(outcome).toMatch(/alert|version/);
  }
});

test('a session that began on one edge is resumed on both, in whichever process', async () => {
  const [first = '', second = ''] = hosts();
  // To users both have one name. By addresses Node would not try: it resumes with the host it knows.
  const named = { servername: 'chat', checkServerIdentity: () => undefined };
  const beginning = dial(first, named);
  const [session] = (await once(beginning, 'session')) as [Buffer];
  expect(beginning.isSessionReused()).toBe(false);
  expect(beginning.getCipher().name).toBe('TLS_AES_128_GCM_SHA256');
  // An edge has several processes behind one port, and the kernel chooses.
  for (const host of [first, second, first, second, first, second]) {
    const returning = dial(host, { ...named, session });
    await once(returning, 'secureConnect');
    expect([host, returning.isSessionReused()]).toEqual([host, true]);
  }
});
