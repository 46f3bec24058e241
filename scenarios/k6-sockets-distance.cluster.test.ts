/** Sockets of our k6 over a long way (`distant.go`): later, and otherwise as any other. */
import { expect, test } from 'vitest';
import { k6, service } from './k6-script.fixture.ts';

test('over a long way a peer is heard later, in order, and what comes together stays together', async () => {
  const LATE_MS = 300;
  let greetedMs = 0;
  const afterMs: number[] = [];
  await using peer = await service((socket) => {
    greetedMs = performance.now();
    for (let n = 0; n < 100; n++) socket.send(`hello ${n} ${'x'.repeat(200)}`);
    socket.on('message', () => afterMs.push(performance.now() - greetedMs));
    socket.on('close', () => afterMs.push(performance.now() - greetedMs));
  });
  const { heard, output } = await k6(`
class Echo extends Owner {
  onText(socket, text) {
    this.heard.push(Number(text.split(' ')[1]));
    this.sockets.send(socket, 'heard');
    if (this.heard.length === 100) this.sockets.close(socket, 1000);
  }
}
export default function () {
  const owner = new Echo();
  owner.sockets = new Sockets('');
  owner.sockets.open('${peer.url}', {}, owner, undefined, ${LATE_MS});
}`);
  expect(heard, output).toEqual([[...Array.from({ length: 100 }, (_, n) => n), 1000]]);
  expect(afterMs).toHaveLength(101);
  expect(Math.min(...afterMs)).toBeGreaterThanOrEqual(LATE_MS);
  // Each for itself they would have taken half a minute.
  expect(Math.max(...afterMs)).toBeLessThan(10 * LATE_MS);
});

test('one over a long way can be given up at once, by either side', async () => {
  await using peer = await service((socket) => {
    socket.once('message', () => socket.terminate());
  });
  const { heard, tookMs, output } = await k6(`
export default function () {
  const sockets = new Sockets('');
  for (const then of [(socket) => sockets.hangUp(socket), (socket) => sockets.send(socket, 'go')]) {
    const socket = sockets.open('${peer.url}', {}, new Owner(), undefined, 500);
    setTimeout(() => then(socket), 2_500);
  }
}`);
  expect(heard, output).toEqual([[1006], [1006]]);
  expect(tookMs).toBeLessThan(10_000);
});
