/**
 * The plain k6 script for the same users: one virtual user, one socket, every
 * frame parsed, one message an interval. What one would write from k6's
 * documentation; it keeps no books.
 */
import { SharedArray } from 'k6/data';
import exec from 'k6/execution';
import type { Options } from 'k6/options';
import { WebSocket } from 'k6/websockets';

declare function open(path: string): string;
declare const __ENV: Record<string, string>;

interface User {
  readonly user: number;
  readonly token: string;
  readonly channels: readonly number[];
}

const users = new SharedArray<User>(
  'users',
  () => JSON.parse(open(__ENV['HOLDFAST_USERS'] ?? '')) as User[],
);
const edges = (__ENV['HOLDFAST_EDGES'] ?? '').split(',');
const intervalMs = Number(__ENV['HOLDFAST_INTERVAL_MS']);
const connectMs = Number(__ENV['HOLDFAST_CONNECT_MS']);
const nonce = __ENV['HOLDFAST_NONCE'] ?? '';

export const options: Options = {
  scenarios: {
    users: {
      executor: 'per-vu-iterations',
      vus: Number(__ENV['HOLDFAST_COUNT']),
      iterations: 1,
      maxDuration: '1h',
    },
  },
};

export default function oneUser(): void {
  const self = users[exec.vu.idInTest - 1] as User;
  const url = `${edges[self.user % edges.length]}/chat`;
  let sent = 0;
  setTimeout(() => {
    const socket = new WebSocket(url, null, { headers: { Authorization: `Bearer ${self.token}` } });
    socket.onmessage = (event) => {
      if (typeof event?.data !== 'string') return;
      const frame = JSON.parse(event.data) as readonly unknown[];
      if (frame[0] !== 'welcome') return;
      socket.send(JSON.stringify(['join', self.channels.map((channel) => [channel, 0])]));
      setInterval(() => {
        // The shares of the mission (`scenarios/population.ts`).
        const draw = Math.random();
        const channel = self.channels[draw < 0.49 ? 0 : draw < 0.94 ? 1 : 2];
        const body = 'so the tide came in and the rock held fast; '.repeat(2);
        socket.send(JSON.stringify(['send', `${nonce}-${self.user}-${sent++}`, channel, body]));
      }, intervalMs);
    };
  }, Math.random() * connectMs);
}
