/**
 * Many raw sockets as one thing: all connected and joined, frames counted,
 * and of every so manieth delivery how long it took since its message was
 * meant to be sent. Whoever sends puts that time at the body's beginning.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { HoldfastError } from '../../cluster/errors.ts';
import { signToken } from '../../reference-server/token.ts';
import { FRAME, openRawSocket, type RawListener, type RawSocket } from '../raw-socket.ts';

/** Looking into a frame costs more than counting it. */
const SAMPLED_EVERY = 16;
const CONNECTS_HZ = 2_000;
const STEP_MS = 20;
const JOIN_TIMEOUT_MS = 60_000;
const TOKEN_SEC = 3_600;
/** Of a body: `<milliseconds since the process began>;`, then what fills it, neither `,` nor `"`. */
export const stamp = (intendedMs: number): string => `${intendedMs.toFixed(1)};`;

export interface CrowdOptions {
  readonly host: string;
  readonly port: number;
  readonly tokenSecret: string;
  /** Of the first user, and of those after it. */
  readonly channelsOfUser: readonly (readonly number[])[];
  readonly firstUser?: number;
  /** An acknowledgement came in on this socket. */
  readonly acknowledged?: (socket: RawSocket, key: string) => void;
}

export interface Crowd extends Disposable {
  readonly sockets: readonly RawSocket[];
  readonly counts: { deliveries: number; acks: number; errors: number; gone: number };
  /** Milliseconds, of sampled deliveries; whoever reads them empties it. */
  latenciesMs: number[];
  /** Keys of messages that got an error for an answer; whoever reads them empties it. */
  refusedKeys: string[];
  /** What went wrong first. */
  readonly firstFailure: string | undefined;
}

const textBetween = (bytes: Buffer, from: number, to: number): string =>
  bytes.toString('latin1', from, to);

/** `["message",channel,sequence,"key",author,"stamp;…"]` */
function sentAtMs(bytes: Buffer, from: number, to: number): number {
  const text = textBetween(bytes, from, to);
  const body = text.lastIndexOf(',"') + 2;
  return Number(text.slice(body, text.indexOf(';', body)));
}

/** `["error","code","key",…` */
const refusedKeyOf = (text: string): string => text.split('"')[5] ?? '';

/** Resolves once everybody has joined all channels; where that fails, all are closed again. */
export async function gather(options: CrowdOptions): Promise<Crowd> {
  const { host, port, tokenSecret, channelsOfUser, firstUser = 0 } = options;
  const counts = { deliveries: 0, acks: 0, errors: 0, gone: 0 };
  const sockets: RawSocket[] = [];
  let joined = 0;
  let failure: string | undefined;
  const crowd: Crowd = {
    sockets,
    counts,
    latenciesMs: [],
    refusedKeys: [],
    get firstFailure() {
      return failure;
    },
    [Symbol.dispose]: () => sockets.forEach((socket) => socket.close()),
  };

  const listener: RawListener = {
    frame(socket, letter, bytes, from, to) {
      switch (letter) {
        case FRAME.message:
          counts.deliveries += 1;
          if (counts.deliveries % SAMPLED_EVERY === 0)
            crowd.latenciesMs.push(performance.now() - sentAtMs(bytes, from, to));
          return;
        case FRAME.ack:
          counts.acks += 1;
          options.acknowledged?.(
            socket,
            textBetween(bytes, from + 8, bytes.indexOf('"', from + 8)),
          );
          return;
        case FRAME.welcome:
          return socket.send([
            'join',
            (channelsOfUser[socket.user - firstUser] ?? []).map((channel) => [channel, 0]),
          ]);
        case FRAME.joined:
          joined += 1;
          return;
        default: {
          const text = textBetween(bytes, from, to);
          counts.errors += 1;
          failure ??= text;
          crowd.refusedKeys.push(refusedKeyOf(text));
        }
      }
    },
    gone(_socket, why) {
      counts.gone += 1;
      failure ??= why;
    },
  };

  using opened = new DisposableStack();
  opened.use(crowd);
  const awaited = channelsOfUser.reduce((sum, channels) => sum + channels.length, 0);
  const tokens = await Promise.all(
    channelsOfUser.map((_, index) => signToken(tokenSecret, firstUser + index, TOKEN_SEC)),
  );
  const began = performance.now();
  while (joined < awaited) {
    const due = Math.ceil(((performance.now() - began) * CONNECTS_HZ) / 1_000);
    while (sockets.length < Math.min(due, tokens.length)) {
      const token = tokens[sockets.length] ?? '';
      const user = firstUser + sockets.length;
      sockets.push(openRawSocket({ host, port, user, token }, listener));
    }
    await pause(STEP_MS);
    if (counts.gone > 0 || performance.now() - began > JOIN_TIMEOUT_MS) {
      const seen = failure ?? `no answer within ${JOIN_TIMEOUT_MS / 1_000} s`;
      throw new HoldfastError({
        code: 'bench-joins',
        message: `${joined} of ${awaited} joins at ${host}:${port}: ${seen}`,
        remedy:
          'fewer users; each takes one of the files that this process may have open (ulimit -n)',
      });
    }
  }
  opened.move();
  return crowd;
}
