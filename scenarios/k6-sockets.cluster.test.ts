/**
 * The sockets of our k6 (`cluster/machine/k6-build/sockets/`) against `ws`, which others wrote: what
 * a script is told of each, in which order, and that it ends whatever becomes of them.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer as createSilentServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { k6, opening, openingBy, service } from './k6-script.fixture.ts';

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
  const { heard, output } = await k6(
    openingBy(
      'Follower',
      peer.url,
      `
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
`,
    ),
  );
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
  const { heard, output } = await k6(
    openingBy(
      'Speaker',
      peer.url,
      `
class Speaker extends Owner {
  onText(socket, text) {
    super.onText(socket, text);
    this.sockets.send(socket, 'second');
    this.sockets.close(socket, 1000);
  }
}
`,
      'first',
    ),
  );
  expect(heard, output).toEqual([['ready', 1000]]);
  expect(heardThere).toEqual(['first', 'second']);
});

test('one that is hung up goes at once, and its peer hears no goodbye', async () => {
  const codes: number[] = [];
  await using peer = await service((socket) => {
    socket.on('close', (code) => codes.push(code));
    socket.send('ready');
  });
  const { heard, output } = await k6(
    openingBy(
      'Leaver',
      peer.url,
      `
class Leaver extends Owner {
  onText(socket, text) {
    super.onText(socket, text);
    this.sockets.send(socket, 'may be lost');
    this.sockets.hangUp(socket);
    this.sockets.hangUp(socket);
  }
}
`,
    ),
  );
  expect(heard, output).toEqual([['ready', 1006]]);
  expect(codes).toEqual([1006]);
});

test('a peer that does not return the goodbye is left after ten seconds', async () => {
  await using peer = await service((socket) => {
    socket.send('ready');
    socket.pause();
  });
  const beganMs = Date.now();
  const { heard } = await k6(
    openingBy(
      'Leaver',
      peer.url,
      `
class Leaver extends Owner {
  onText(socket) { this.sockets.close(socket, 1000); }
}
`,
    ),
  );
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
