/** A script of a test's own, run by our k6, and the service that its sockets reach: `ws`. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import { resolveK6 } from '../cluster/machine/k6.ts';

/** Runs in k6: an owner that keeps what it is told, and prints it when its socket is gone. */
const PRELUDE = `
import { Sockets } from 'k6/x/sockets/v2';
class Owner {
  heard = [];
  onNumbered(socket, stream, place, text) { this.heard.push([stream, place, text]); }
  onText(socket, text) { this.heard.push(text); }
  onGone(socket, code) { this.heard.push(code); console.log(JSON.stringify(this.heard)); }
}
`;

interface Ended {
  /** What owners printed, in the order in which their sockets went. */
  readonly heard: unknown[][];
  readonly output: string;
  readonly exitCode: number;
  readonly tookMs: number;
}

/** `serve` gets each socket that a script opens. */
export async function service(serve: (socket: WebSocket, path: string) => void) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: 10_000_000 });
  server.on('connection', (socket, request) => serve(socket, request.url ?? ''));
  await once(server, 'listening');
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** One iteration of one virtual user with this body; ended by SIGINT if that is asked for. */
export async function k6(
  body: string,
  { environment = {}, interruptedAt = '' } = {},
): Promise<Ended> {
  const path = await resolveK6(() => undefined, AbortSignal.timeout(280_000));
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-sockets-'));
  try {
    const script = join(folder, 'script.js');
    await writeFile(script, `${PRELUDE}\n${body}`);
    const parts: string[] = [];
    const beganMs = Date.now();
    const child = execFile(path, ['run', '--quiet', '--log-format=raw', script], {
      env: { ...process.env, ...environment },
      timeout: 60_000,
    });
    const hear = (part: string): void => {
      parts.push(part);
      if (interruptedAt !== '' && part.includes(interruptedAt)) child.kill('SIGINT');
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    const [exitCode] = (await once(child, 'close')) as [number];
    const output = parts.join('');
    const lines = output.split('\n').filter((line) => line.startsWith('['));
    const heard = lines.map((line) => JSON.parse(line) as unknown[]);
    return { heard, output, exitCode, tookMs: Date.now() - beganMs };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The script of one socket, and what else it is to do. */
export const opening = (url: string, more = ''): string => `
export default function () {
  const sockets = new Sockets('["m",');
  const socket = sockets.open('${url}', { Authorization: 'Bearer t' }, new Owner());
  ${more}
}`;

/** The script of an owner of a class of its own, which has the sockets at hand. */
export const openingBy = (owner: string, url: string, itsClass: string, first?: string): string => `
${itsClass}
export default function () {
  const owner = new ${owner}();
  owner.sockets = new Sockets('["m",');
  owner.sockets.open('${url}', {}, owner, ${JSON.stringify(first)});
}`;
