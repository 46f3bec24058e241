/**
 * What Artillery's WebSocket engine is told for the same users: each virtual
 * user logs in with a token of its own, joins its channels and sends a message
 * an interval. What comes in is read and counted by nobody: the engine has no
 * handler while a step does not wait for an answer.
 */
import { readFileSync } from 'node:fs';

interface User {
  readonly user: number;
  readonly token: string;
  readonly channels: readonly number[];
}
interface Context {
  readonly vars: Record<string, unknown>;
}
interface SocketArguments {
  target: string;
  options: { headers?: Readonly<Record<string, string>> };
}

const users = JSON.parse(readFileSync(process.env['HOLDFAST_USERS'] ?? '', 'utf8')) as User[];
const edges = (process.env['HOLDFAST_EDGES'] ?? '').split(',');
const nonce = process.env['HOLDFAST_NONCE'] ?? '';
let next = 0;
let sent = 0;

export function logIn(socket: SocketArguments, context: Context, done: () => void): void {
  const self = users[next++ % users.length] as User;
  socket.target = `${edges[self.user % edges.length]}/chat`;
  socket.options = { headers: { Authorization: `Bearer ${self.token}` } };
  context.vars['self'] = self;
  context.vars['join'] = JSON.stringify(['join', self.channels.map((channel) => [channel, 0])]);
  done();
}

export function write(context: Context, _events: unknown, done: () => void): void {
  const self = context.vars['self'] as User;
  const draw = Math.random();
  const channel = self.channels[draw < 0.49 ? 0 : draw < 0.94 ? 1 : 2];
  const body = 'so the tide came in and the rock held fast; '.repeat(2);
  context.vars['frame'] = JSON.stringify(['send', `${nonce}-${sent++}`, channel, body]);
  done();
}
