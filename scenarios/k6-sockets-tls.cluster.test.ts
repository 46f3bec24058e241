/** The sockets of our k6 over TLS: whom they trust, and what they keep of a session. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { type AddressInfo, createServer as createSilentServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { createEdgeCertificates } from '../cluster/authority.ts';
import { k6, opening } from './k6-script.fixture.ts';

/** Behind TLS; closes each socket with 4100, or 4101 where the session of an earlier one was resumed. */
async function secureService() {
  const { authority, edge } = await createEdgeCertificates(['127.0.0.1'], new Date());
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-authority-'));
  const file = join(folder, 'authority.pem');
  await writeFile(file, authority);
  const https = createServer({ cert: edge, key: edge });
  const server = new WebSocketServer({ server: https });
  server.on('connection', (socket, { socket: tls }) => {
    socket.close(4100 + Number((tls as TLSSocket).isSessionReused()));
  });
  https.listen(0, '127.0.0.1');
  await once(https, 'listening');
  return {
    url: `wss://127.0.0.1:${(https.address() as AddressInfo).port}`,
    /** Of those who trust it. */
    environment: { SSL_CERT_FILE: file },
    async [Symbol.asyncDispose]() {
      server.close();
      https.close();
      await rm(folder, { recursive: true });
    },
  };
}

test('over TLS the certificate is looked at', async () => {
  await using peer = await secureService();
  const trusted = await k6(opening(peer.url), peer);
  expect(trusted.heard, trusted.output).toEqual([[4100]]);
  expect((await k6(opening(peer.url))).heard).toEqual([[1006]]);
});

test('a handshake that waits for its peer keeps no other one up', async () => {
  await using peer = await secureService();
  const silent = createSilentServer((socket) => void socket.resume());
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { heard, output } = await k6(
    `
class Guest extends Owner {
  onGone(socket, code) {
    super.onGone(socket, code);
    for (const each of this.held) this.sockets.close(each, 1000);
  }
}
export default function () {
  const guest = new Guest();
  guest.sockets = new Sockets('');
  const url = 'wss://127.0.0.1:${(silent.address() as AddressInfo).port}';
  guest.held = [1, 2, 3].map(() => guest.sockets.open(url, {}, new Owner()));
  setTimeout(() => guest.sockets.open('${peer.url}', {}, guest), 200);
}`,
    peer,
  );
  expect(heard, output).toEqual([[4100], [1006], [1006], [1006]]);
  silent.close();
});

test('who comes back resumes the TLS session it had, and nobody another one’s', async () => {
  await using peer = await secureService();
  const { heard, output } = await k6(
    `
class Returning extends Owner {
  onGone(socket, code) {
    this.heard.push(code);
    if (this.heard.length < 3) this.sockets.open('${peer.url}', {}, this);
    else if (this.then !== undefined) this.sockets.open('${peer.url}', {}, this.then);
    if (this.heard.length === 3) console.log(JSON.stringify(this.heard));
  }
}
export default function () {
  const sockets = new Sockets('');
  const [first, second] = [new Returning(), new Returning()];
  first.sockets = second.sockets = sockets;
  first.then = second;
  sockets.open('${peer.url}', {}, first);
}`,
    peer,
  );
  expect(heard, output).toEqual([
    [4100, 4101, 4101],
    [4100, 4101, 4101],
  ]);
});
