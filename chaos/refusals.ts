/**
 * Tries what the service has to refuse, after the load is over and the rows
 * are read, so that no ledger knows of it: logins without a right to one,
 * channels of others, a used key for another message.
 *
 * Each attempt and its answer go to the event log (`refusal`). The service is
 * asked as its users ask it, through an edge.
 */
import { readFile } from 'node:fs/promises';
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { Cluster } from '../cluster/cluster.ts';
import { CHAT_PATH, encodeFrame, type ClientFrame } from '../reference-server/protocol.ts';
import { signToken } from '../reference-server/token.ts';
import type { Population } from '../scenarios/population.ts';
import type { EventLog } from './event-log.ts';

/** Each answer takes milliseconds. */
const ANSWER_TIMEOUT_MS = 5_000;
const TOKEN_SEC = 600;
const USER = 0;

/** What a login or a frame led to, in a word; `refused` is what it should be. */
interface Attempt {
  readonly what: string;
  attempt(): Promise<{ readonly refused: boolean; readonly detail: string }>;
}

export async function tryRefusals(
  cluster: Cluster,
  population: Population,
  log: EventLog,
): Promise<void> {
  const ca = await readFile(cluster.caFile, 'utf8');
  const door: Door = { url: `${cluster.edges[0]}${CHAT_PATH}`, ca };
  const { tokenSecret } = cluster.secrets;
  const own = population.channelsOfUser[USER]?.[0] ?? 0;
  const foreign = population.channels.find(({ members }) => !members.includes(USER))?.id ?? 0;
  const valid = await signToken(tokenSecret, USER, TOKEN_SEC);
  const unsigned = `${valid.slice(0, valid.lastIndexOf('.'))}.`;
  const tokens: readonly (readonly [string, string])[] = [
    ['a login without a token', ''],
    ['a login with a token that has expired', await signToken(tokenSecret, USER, -TOKEN_SEC)],
    [
      'a login with a token that somebody else signed',
      await signToken(`not ${tokenSecret}`, USER, TOKEN_SEC),
    ],
    ['a login with a token that nobody signed', unsigned],
  ];
  const key = `refusal-${Date.now()}`;
  const attempts: readonly Attempt[] = [
    ...tokens.map(([what, token]) => ({ what, attempt: () => tryLogin(door, token) })),
    {
      what: 'a message from somebody who is no member',
      attempt: () =>
        tryFrame(door, valid, ['send', `${key}-foreign`, foreign, 'let me in'], 'not-a-member'),
    },
    {
      what: 'history for somebody who is no member',
      attempt: () => tryFrame(door, valid, ['history', 1, foreign, 0, 1], 'not-a-member'),
    },
    {
      what: 'joining a channel as somebody who is no member',
      attempt: () => tryFrame(door, valid, ['join', [[foreign, 0]]], 'not-a-member'),
    },
    {
      what: 'a used key for another message',
      async attempt() {
        const first = await answerTo(door, valid, ['send', key, own, 'the first']);
        if (first[0] !== 'ack')
          return { refused: false, detail: `the first got ${first.join(' ')}` };
        return tryFrame(door, valid, ['send', key, own, 'another'], 'key-conflict');
      },
    },
  ];
  for (const { what, attempt } of attempts) {
    try {
      log.write({ kind: 'refusal', what, ...(await attempt()) });
    } catch (error) {
      log.write({ kind: 'note', text: `not tried: ${what}: ${String(error)}` });
    }
  }
}

interface Door {
  readonly url: string;
  readonly ca: string;
}

const frameSchema = z.tuple([z.string()], z.union([z.string(), z.number(), z.array(z.unknown())]));
type Frame = z.infer<typeof frameSchema>;

/** What is no frame is an answer too, though none that refuses anything. */
function parseFrame(bytes: Buffer): Frame {
  try {
    return frameSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    return ['something unreadable'];
  }
}

/** An open socket, or the HTTP status it was refused with. The first frame may come with the opening. */
async function knock(
  { url, ca }: Door,
  token: string,
  heard: (socket: WebSocket, bytes: Buffer) => void = () => undefined,
): Promise<WebSocket | number> {
  const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
  const socket = new WebSocket(url, { ca, headers, handshakeTimeout: ANSWER_TIMEOUT_MS });
  socket.on('message', (bytes: Buffer) => heard(socket, bytes));
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
    socket.once('unexpected-response', (_, response) => {
      resolve(response.statusCode ?? 0);
      socket.terminate();
    });
  });
}

async function tryLogin(door: Door, token: string) {
  const answer = await knock(door, token);
  if (typeof answer === 'number') return { refused: answer === 401, detail: `HTTP ${answer}` };
  answer.terminate();
  return { refused: false, detail: 'a socket was opened' };
}

/** The first answer to a frame, after the welcome. */
async function answerTo(door: Door, token: string, frame: ClientFrame): Promise<Frame> {
  const { promise, resolve, reject } = Promise.withResolvers<Frame>();
  const socket = await knock(door, token, (open, bytes) => {
    const answer = parseFrame(bytes);
    if (answer[0] === 'welcome') open.send(encodeFrame(frame));
    else resolve(answer);
  });
  if (typeof socket === 'number') throw new Error(`a login was refused with HTTP ${socket}`);
  socket.on('error', reject);
  const late = setTimeout(
    () => reject(new Error(`no answer within ${ANSWER_TIMEOUT_MS} ms`)),
    ANSWER_TIMEOUT_MS,
  );
  try {
    return await promise;
  } finally {
    clearTimeout(late);
    socket.terminate();
  }
}

async function tryFrame(door: Door, token: string, frame: ClientFrame, code: string) {
  const answer = await answerTo(door, token, frame);
  const refused = answer[0] === 'error' && answer[1] === code;
  return { refused, detail: answer.slice(0, 2).join(' ') };
}
