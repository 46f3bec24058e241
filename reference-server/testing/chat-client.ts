/** A user of the chat service: one real WebSocket, and everything that came in on it. */
import { connect } from 'node:net';
import WebSocket from 'ws';
import { encodeFrame, type ClientFrame, type ServerFrame } from '../protocol.ts';
import { signToken } from '../token.ts';
import { TEST_TOKEN_SECRET } from './chat-server.ts';
import { eventually, Hopeless } from './eventually.ts';

type FrameOf<Kind extends ServerFrame[0]> = Extract<ServerFrame, readonly [Kind, ...unknown[]]>;

export interface ChatClient extends Disposable {
  readonly frames: readonly ServerFrame[];
  readonly closeCode: number | undefined;
  send(frame: ClientFrame): void;
  ofKind<Kind extends ServerFrame[0]>(kind: Kind): FrameOf<Kind>[];
  /** The sequences received in a channel, as they came. */
  received(channel: number): number[];
  /** Waits for a frame of that kind that fits, also among those that came already. */
  next<Kind extends ServerFrame[0]>(
    kind: Kind,
    fits?: (frame: FrameOf<Kind>) => boolean,
  ): Promise<FrameOf<Kind>>;
  readonly closeReason: string | undefined;
  /** Reads nothing more from the socket, until told to. */
  pause(): void;
  resume(): void;
  /** Joins and waits until that is done. */
  join(channel: number, after: number): Promise<void>;
}

/** What a balancer says first (PROXY protocol v2, TCP over IPv4): whom it passes on. */
const proxyHeader = (address: string): Buffer =>
  Buffer.concat([
    Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'),
    Buffer.from([0x21, 0x11, 0, 12]),
    Buffer.from(address.split('.').map(Number)),
    Buffer.from([127, 0, 0, 1, 0x9c, 0x40, 0x23, 0x29]),
  ]);

/**
 * Status of an upgrade request with this header, without staying connected. `passedOnFor`: it comes
 * by a balancer that passes on somebody with this address.
 */
export const upgradeStatus = (
  url: string,
  authorization: string,
  passedOnFor?: string,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = new WebSocket(url, {
      ...(authorization !== '' && { headers: { authorization } }),
      ...(passedOnFor !== undefined && {
        createConnection: () => {
          const connection = connect(Number(port), hostname);
          connection.write(proxyHeader(passedOnFor));
          return connection;
        },
      }),
    });
    socket.on('error', reject);
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    socket.on('open', () => {
      resolve(101);
      socket.terminate();
    });
  });

export async function connectUser(url: string, user: number): Promise<ChatClient> {
  const token = await signToken(TEST_TOKEN_SECRET, user, 600);
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
  const frames: ServerFrame[] = [];
  let closeCode: number | undefined;
  let closeReason: string | undefined;
  // A frame of our own server: its shape is what the tests are about.
  socket.on('message', (text: Buffer) => {
    frames.push(JSON.parse(text.toString('utf8')) as ServerFrame);
  });
  socket.on('close', (code, reason) => {
    closeCode = code;
    closeReason = reason.toString('utf8');
  });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);

  const ofKind = <Kind extends ServerFrame[0]>(kind: Kind) =>
    frames.filter((frame): frame is FrameOf<Kind> => frame[0] === kind);
  /** Nothing more will come on a closed socket: no need to wait for it. */
  const stillOpen = (): undefined => {
    if (closeCode !== undefined) throw new Hopeless(`user ${user}’s socket closed (${closeCode})`);
    return undefined;
  };
  const client: ChatClient = {
    frames,
    get closeCode() {
      return closeCode;
    },
    get closeReason() {
      return closeReason;
    },
    send: (frame) => socket.send(encodeFrame(frame)),
    ofKind,
    received: (channel) =>
      ofKind('message').flatMap((frame) => (frame[1] === channel ? [frame[2]] : [])),
    next: (kind, fits = () => true) =>
      eventually(`a frame "${kind}" for user ${user}`, () => {
        const frame = ofKind(kind).find(fits);
        return frame ?? stillOpen();
      }),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    async join(channel, after) {
      const before = ofKind('joined').length;
      client.send(['join', [[channel, after]]]);
      await eventually(`user ${user} to join channel ${channel}`, () => {
        const joined = ofKind('joined').slice(before);
        return joined.some((frame) => frame[1] === channel) || stillOpen();
      });
    },
    [Symbol.dispose]: () => socket.terminate(),
  };
  await client.next('welcome');
  return client;
}
