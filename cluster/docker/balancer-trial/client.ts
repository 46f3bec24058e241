/**
 * The load of a balancer's trial (`try-balancer.ts`), in a container: so many connections, each
 * with one request under way at a time, for so many seconds. Plain sockets,
 * because whatever a library adds is time that the balancer's neighbour takes.
 *
 *     node client.ts PORT tls|plain keep|close SECONDS
 *
 * Prints one JSON line: `{"requests":…,"seconds":…,"wrong":…}`.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Enough that the balancer is never without work, few enough that they wait for it and not for the client. */
const CONNECTIONS = 64;
const HOST = '127.0.0.1';
const AUTHORITY_FILE = '/trial/authority.pem';

const [port = '', transport = '', connections = '', seconds = ''] = process.argv.slice(2);
const closes = connections === 'close';
const request = `GET /messages HTTP/1.1\r\nHost: chat\r\n${closes ? 'Connection: close\r\n' : ''}\r\n`;
const ca = transport === 'tls' ? readFileSync(AUTHORITY_FILE) : undefined;

let requests = 0;
let wrong = 0;
const beganMs = performance.now();
const endsMs = beganMs + Number(seconds) * 1_000;

function open(): void {
  const socket: Socket =
    ca === undefined
      ? connect({ host: HOST, port: Number(port) })
      : connectTls({ host: HOST, port: Number(port), ca });
  socket.setNoDelay(true);
  const ask = (): void => void socket.write(request);
  // Answers are short: each comes whole.
  socket.on('data', (bytes) => {
    // "HTTP/1.1 200": the ninth to eleventh byte.
    if (bytes[9] === 0x32 && bytes[10] === 0x30 && bytes[11] === 0x30) requests++;
    else wrong++;
    if (performance.now() >= endsMs) socket.destroy();
    else if (!closes) ask();
  });
  socket.on('error', () => wrong++);
  socket.on('close', () => {
    if (performance.now() < endsMs) open();
  });
  socket.on(ca === undefined ? 'connect' : 'secureConnect', ask);
}

for (let each = 0; each < CONNECTIONS; each++) open();
process.on('exit', () => {
  const tookSec = (performance.now() - beganMs) / 1_000;
  process.stdout.write(`${JSON.stringify({ requests, seconds: tookSec, wrong })}\n`);
});
