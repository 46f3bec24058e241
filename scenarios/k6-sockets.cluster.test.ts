/**
 * The sockets of our k6 (`cluster/machine/k6-build/sockets/`) against `ws`, which others wrote: what
 * a script is told of each, in which order, and that it ends whatever becomes of them.
 */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { type AddressInfo, createServer as createSilentServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { createEdgeCertificates } from '../cluster/authority.ts';
import { k6, opening, service } from './k6-script.fixture.ts';

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

test('texts come in their order, however they were framed, and numbers apart from others', async () => {
  const long = 'ä'.repeat(200_000);
  await using peer = await service((socket) => {
    socket.send('["m",7,1,"key"]');
    socket.send('hello');
    socket.send('["m",7,"none"]');
    socket.send('["m",x,1,');
    socket.send('["m",9007199254740993,1,"beyond what a number holds"]');
    socket.send(long.slice(0, 10), { fin: false });
    socket.send(long.slice(10), { fin: true });
    socket.ping();
    socket.send('["m",7,2,"key"]');
    socket.once('pong', () => socket.close(4001));
  });
  const { heard, exitCode, output } = await k6(opening(peer.url));
  expect(heard, output).toEqual([
    [
      [7, 1, '["m",7,1,"key"]'],
      'hello',
      '["m",7,"none"]',
      '["m",x,1,',
      '["m",9007199254740993,1,"beyond what a number holds"]',
      long,
      [7, 2, '["m",7,2,"key"]'],
      4001,
    ],
  ]);
  expect(exitCode).toBe(0);
});

test('a stream that is followed is counted, until something in it is out of turn', async () => {
  await using peer = await service((socket) => {
    socket.once('message', () => {
      for (const [stream, place] of [
        [7, 5],
        [8, 1],
        [7, 6],
        [9, 1],
        [7, 6],
        [7, 7],
        [8, 2],
      ]) {
        socket.send(`["m",${stream},${place},0]`);
      }
      socket.close(1000);
    });
    socket.send('ready');
  });
  const { heard, output } = await k6(`
class Follower extends Owner {
  onText(socket, text) {
    this.sockets.follow(socket, 7, 4);
    this.sockets.follow(socket, 8, 0);
    this.sockets.send(socket, 'go');
  }
  onGone(socket, code) {
    this.heard.push([7, 8, 9].map((stream) => this.sockets.place(socket, stream)));
    super.onGone(socket, code);
  }
}
export default function () {
  const owner = new Follower();
  owner.sockets = new Sockets('["m",');
  owner.sockets.open('${peer.url}', {}, owner);
}`);
  expect(heard, output).toEqual([
    [[9, 1, '["m",9,1,0]'], [7, 6, '["m",7,6,0]'], [7, 7, '["m",7,7,0]'], [6, 2, 0], 1000],
  ]);
});

test('what is sent arrives in its order and before the goodbye; headers go with the upgrade', async () => {
  const arrived: string[] = [];
  const codes: number[] = [];
  await using peer = await service((socket) => {
    socket.on('message', (bytes: Buffer) => void arrived.push(bytes.toString()));
    socket.on('close', (code) => void codes.push(code));
    socket.send('ready');
  });
  const tokens: unknown[] = [];
  peer.server.on('headers', (_headers, request) => tokens.push(request.headers.authorization));
  const { heard } = await k6(`
class Sender extends Owner {
  onText(socket, text) {
    for (let n = 0; n < 500; n++) this.sockets.send(socket, 'é' + n);
    this.sockets.close(socket, 1000);
    this.sockets.send(socket, 'too late');
  }
}
export default function () {
  const owner = new Sender();
  owner.sockets = new Sockets('');
  owner.sockets.open('${peer.url}', { Authorization: 'Bearer t' }, owner);
}`);
  expect(arrived).toEqual(Array.from({ length: 500 }, (_, n) => `é${n}`));
  expect(codes).toEqual([1000]);
  expect(heard).toEqual([[1000]]);
  expect(tokens).toEqual(['Bearer t']);
});

test('whatever a socket fails of, its owner is told once, and the script ends', async () => {
  await using peer = await service((socket) => socket.terminate());
  await using refusing = await service(() => undefined);
  refusing.server.options.verifyClient = () => false;
  for (const url of [peer.url, refusing.url, 'ws://127.0.0.1:1', 'ws://[no address']) {
    const { heard, exitCode, output } = await k6(opening(url));
    expect(heard, `${url}: ${output}`).toEqual([[1006]]);
    expect(exitCode).toBe(0);
  }
});

test('one that is still opening can be closed, and holds nobody up meanwhile', async () => {
  const silent = createSilentServer((socket) => void socket.resume());
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const gone = once(silent, 'connection').then(([socket]) => once(socket as Socket, 'close'));
  const { heard, output } = await k6(
    opening(
      `ws://127.0.0.1:${(silent.address() as AddressInfo).port}`,
      `setTimeout(() => sockets.close(socket, 1000), 300);`,
    ),
  );
  expect(heard, output).toEqual([[1006]]);
  await gone;
  silent.close();
});

test('what a socket is opened with comes first, once it is open', async () => {
  const heardThere: string[] = [];
  await using peer = await service((socket) => {
    socket.on('message', (bytes: Buffer) => heardThere.push(bytes.toString()));
    socket.send('ready');
  });
  const { heard, output } = await k6(`
class Speaker extends Owner {
  onText(socket, text) {
    super.onText(socket, text);
    this.sockets.send(socket, 'second');
    this.sockets.close(socket, 1000);
  }
}
export default function () {
  const owner = new Speaker();
  owner.sockets = new Sockets('');
  owner.sockets.open('${peer.url}', {}, owner, 'first');
}`);
  expect(heard, output).toEqual([['ready', 1000]]);
  expect(heardThere).toEqual(['first', 'second']);
});

test('one that is hung up goes at once, and its peer hears no goodbye', async () => {
  const codes: number[] = [];
  await using peer = await service((socket) => {
    socket.on('close', (code) => codes.push(code));
    socket.send('ready');
  });
  const { heard, output } = await k6(`
class Leaver extends Owner {
  onText(socket, text) {
    super.onText(socket, text);
    this.sockets.send(socket, 'is not sent');
    this.sockets.hangUp(socket);
    this.sockets.hangUp(socket);
  }
}
export default function () {
  const owner = new Leaver();
  owner.sockets = new Sockets('');
  owner.sockets.open('${peer.url}', {}, owner);
}`);
  expect(heard, output).toEqual([['ready', 1006]]);
  expect(codes).toEqual([1006]);
});

test('a peer that does not return the goodbye is left after ten seconds', async () => {
  await using peer = await service((socket) => {
    socket.send('ready');
    socket.pause();
  });
  const beganMs = Date.now();
  const { heard } = await k6(`
class Leaver extends Owner {
  onText(socket) { this.sockets.close(socket, 1000); }
}
export default function () {
  const owner = new Leaver();
  owner.sockets = new Sockets('');
  owner.sockets.open('${peer.url}', {}, owner);
}`);
  expect(heard).toEqual([[1006]]);
  expect(Date.now() - beganMs).toBeGreaterThan(10_000);
});

test('many sockets under a flood: all is told, timers have their turn, and the wait is told', async () => {
  const [SOCKETS, TEXTS] = [100, 30];
  await using peer = await service((socket) => {
    for (let n = 0; n < TEXTS; n++) socket.send(`text ${n}`);
    socket.close(1000);
  });
  const { heard, output } = await k6(`
let ticks = 0, waited = 0;
class Counter extends Owner {
  count = 0; inOrder = true;
  onText(socket, text) {
    this.inOrder &&= text === 'text ' + this.count++;
    const until = Date.now() + 1;
    while (Date.now() < until);
  }
  onGone() {
    if (this.count === ${TEXTS} && this.inOrder) whole++;
    if (++gone === ${SOCKETS}) console.log(JSON.stringify([whole, ticks > 0, waited > 500]));
  }
}
let gone = 0, whole = 0;
export default function () {
  const sockets = new Sockets('["m",');
  for (let n = 0; n < ${SOCKETS}; n++) sockets.open('${peer.url}', {}, new Counter());
  const timer = setInterval(() => {
    if (gone === ${SOCKETS}) clearInterval(timer);
    else ticks++;
    waited = Math.max(waited, sockets.waited());
  }, 50);
}`);
  expect(heard, output).toEqual([[SOCKETS, true, true]]);
});

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

test('a script that is interrupted, and an owner that throws, end with sockets open', async () => {
  await using peer = await service((socket) => socket.send('ready'));
  const waiting = await k6(
    opening(peer.url, `setTimeout(() => console.log('now'), 500); setTimeout(() => 0, 50000);`),
    { interruptedAt: 'now' },
  );
  expect(waiting.exitCode, waiting.output).not.toBe(0);
  expect(waiting.tookMs, 'from its start').toBeLessThan(20_000);
  const throwing = await k6(`
class Thrower extends Owner { onText() { throw new Error('no use'); } }
export default function () {
  const sockets = new Sockets('');
  sockets.open('${peer.url}', {}, new Thrower());
  sockets.open('${peer.url}', {}, new Owner());
}`);
  expect(throwing.output).toContain('no use');
});

test('says what is wrong with a script that uses them wrongly', async () => {
  const early = await k6(`new Sockets(''); export default function () {}`);
  expect(early.output).toContain('init context');
  expect(early.exitCode).not.toBe(0);
  const lame = await k6(
    `export default function () { new Sockets('').open('ws://127.0.0.1:1', {}, {}); }`,
  );
  expect(lame.output).toContain("a socket's owner needs a method onNumbered");
});
