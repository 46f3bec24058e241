/**
 * One user's session, as every load shape shares it: connect and resume,
 * send with a key until acknowledged, keep book of every sequence received.
 *
 * A user has one message under way at a time; later ones wait in its outbox
 * with their intended times kept, so a user's own order is never its fault.
 * What happened goes to the client ledger (`client-ledger.ts`) through
 * `record`. It knows no k6: the shape passes in the socket, clock and timers.
 */
import {
  CHAT_PATH,
  ERRORS,
  type ClientFrame,
  type ServerFrame,
} from '../reference-server/protocol.ts';
import { ERROR_CODES } from './client-ledger.ts';
import { ReceivedSequences } from './received-sequences.ts';
import { bodyOf, messageKey } from './schedule.ts';

/** An unanswered message is sent again after this long; under the 5 s deadline of the objective. */
const RESEND_AFTER_MS = 3_000;
/** Not joined within this time: given up. Long, because every attempt costs both sides a handshake. */
const CONNECT_TIMEOUT_MS = 30_000;
/** Reconnects are spread over this span, which doubles with every failure up to the maximum. */
const RECONNECT_FROM_MS = 1_000;
const RECONNECT_MS_MAX = 16_000;
/** After `busy` the same message is sent again once and a bit of this later. */
const BUSY_PAUSE_MS = 200;
/** How a delivery's frame begins. */
const DELIVERY = '["message",';
/** WebSocket close code of our own, orderly goodbye. */
export const GOODBYE = 1000;

/** An open or opening socket, as a session needs it. */
export interface Socket {
  send(text: string): void;
  close(code: number): void;
}

export interface SocketHandlers {
  onText(text: string): void;
  /** Closed or never opened; WebSocket close code (1006 when there was none). May be called twice. */
  onGone(code: number): void;
}

export interface SessionEnvironment {
  readonly run: string;
  readonly seed: number;
  readonly edges: readonly string[];
  open(url: string, token: string, handlers: SocketHandlers): Socket;
  /** Milliseconds since the ledger's epoch. */
  now(): number;
  later(action: () => void, delayMs: number): void;
  random(): number;
  record(line: string): void;
}

export interface SessionUser {
  readonly user: number;
  readonly token: string;
  readonly channels: readonly number[];
}

interface Outgoing {
  readonly n: number;
  readonly channel: number;
  readonly intendedMs: number;
  readonly key: string;
  attempts: number;
}

export interface Session {
  connect(): void;
  /** The user means to send its n-th message now (intended at `intendedMs` since the epoch). */
  send(n: number, channel: number, intendedMs: number): void;
  /** Writes the received ranges and leaves for good. */
  finish(): void;
  readonly outstanding: () => number;
}

export function createSession(environment: SessionEnvironment, self: SessionUser): Session {
  const { now, record, later } = environment;
  const { user } = self;
  const received = self.channels.map(() => new ReceivedSequences());
  const outbox: Outgoing[] = [];
  let socket: Socket | undefined;
  let joinedChannels = 0;
  let connectBeganMs = 0;
  let failures = 0;
  let edge = user % environment.edges.length;
  let finished = false;

  const joined = () => joinedChannels === self.channels.length;
  const post = (frame: ClientFrame): void => socket?.send(JSON.stringify(frame));

  function connect(): void {
    if (finished) return;
    joinedChannels = 0;
    connectBeganMs = now();
    const url = `${environment.edges[edge]}${CHAT_PATH}`;
    const mine: Socket = environment.open(url, self.token, {
      onText: (text) => {
        if (mine === socket) onFrame(text);
      },
      onGone: (code) => onGone(mine, code),
    });
    socket = mine;
    later(() => {
      if (mine === socket && !joined()) drop();
    }, CONNECT_TIMEOUT_MS);
  }

  function onGone(gone: Socket, code: number): void {
    if (gone !== socket) return;
    record(`X ${now()} ${user} ${code}`);
    socket = undefined;
    joinedChannels = 0;
    if (finished) return;
    // Another edge next time: this one may be what broke.
    edge = (edge + 1) % environment.edges.length;
    const backoff = Math.min(RECONNECT_MS_MAX, RECONNECT_FROM_MS * 2 ** failures);
    failures++;
    later(connect, backoff * environment.random());
  }

  function drop(): void {
    const old = socket;
    if (old === undefined) return;
    onGone(old, 4000);
    old.close(GOODBYE);
  }

  function onFrame(text: string): void {
    // Nineteen of twenty frames are deliveries, and of those only two numbers matter here.
    if (text.startsWith(DELIVERY)) {
      const afterChannel = text.indexOf(',', DELIVERY.length);
      const afterSequence = text.indexOf(',', afterChannel + 1);
      return onDelivery(
        Number(text.slice(DELIVERY.length, afterChannel)),
        Number(text.slice(afterChannel + 1, afterSequence)),
      );
    }
    const frame = JSON.parse(text) as ServerFrame;
    switch (frame[0]) {
      case 'ack':
        return onAcknowledged(frame[1], frame[3]);
      case 'welcome':
        return post(['join', self.channels.map((id, slot) => [id, resumeAfter(slot)])]);
      case 'joined':
        return onJoined();
      case 'error':
        return onError(frame[1], frame[2]);
      case 'bye':
        return drop();
      case 'message': // Taken above.
      case 'history':
        return;
    }
  }

  const resumeAfter = (slot: number): number => received[slot]?.contiguous ?? 0;

  function onJoined(): void {
    if (joined()) return; // The answer to asking for a gap.
    joinedChannels++;
    if (!joined()) return;
    failures = 0;
    record(`C ${now()} ${user} ${edge} ${now() - connectBeganMs}`);
    const head = outbox[0];
    if (head !== undefined) transmit(head);
  }

  function onDelivery(channel: number, sequence: number): void {
    const slot = self.channels.indexOf(channel);
    const book = received[slot];
    if (book === undefined) {
      record(`G ${now()} ${user} ${channel} 0 ${sequence}`);
      return;
    }
    const expected = book.contiguous + 1;
    if (book.add(sequence) === 'ahead') {
      record(`G ${now()} ${user} ${channel} ${expected} ${sequence}`);
      post(['join', [[channel, book.contiguous]]]);
    }
  }

  function onAcknowledged(key: string, sequence: number): void {
    const head = outbox[0];
    if (head === undefined || head.key !== key) return; // A second answer to a retry.
    record(`A ${now()} ${user} ${head.n} ${sequence}`);
    outbox.shift();
    const next = outbox[0];
    if (next !== undefined) transmit(next);
  }

  function onError(code: keyof typeof ERRORS, key: string): void {
    const head = outbox[0];
    const known = ERROR_CODES.indexOf(code);
    record(`E ${now()} ${user} ${head?.key === key ? head.n : -1} ${Math.max(0, known)}`);
    if (head?.key !== key) return;
    if (ERRORS[code]?.retry) sendAgainAfter(head, BUSY_PAUSE_MS * (1 + environment.random()));
    else outbox.shift();
  }

  /** Unless it was answered, or sent again meanwhile, for another reason. */
  function sendAgainAfter(message: Outgoing, delayMs: number): void {
    const { attempts } = message;
    later(() => {
      if (outbox[0] === message && message.attempts === attempts) transmit(message);
    }, delayMs);
  }

  function transmit(message: Outgoing): void {
    if (!joined()) return;
    message.attempts++;
    sendAgainAfter(message, RESEND_AFTER_MS);
    const { n, channel, intendedMs, key, attempts } = message;
    record(`S ${now()} ${user} ${n} ${channel} ${intendedMs} ${attempts}`);
    post(['send', key, channel, bodyOf(key, environment.seed, user, n)]);
  }

  return {
    connect,
    send(n, channel, intendedMs) {
      const key = messageKey(environment.run, user, n);
      const message = { n, channel, intendedMs, key, attempts: 0 };
      outbox.push(message);
      if (outbox.length === 1) transmit(message);
    },
    finish() {
      finished = true;
      self.channels.forEach((channel, slot) => {
        for (const line of received[slot]?.lines(now(), user, channel) ?? []) record(line);
      });
      socket?.close(GOODBYE);
    },
    outstanding: () => outbox.length,
  };
}
