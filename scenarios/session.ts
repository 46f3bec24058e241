/**
 * One user's session, as every load shape shares it: connect and resume,
 * send with a key until acknowledged (`outbox.ts`), keep book of every sequence
 * received.
 *
 * What happened goes to the client ledger (`client-ledger.ts`) through
 * `record`. It knows no k6: the shape passes in the socket, clock and timers.
 */
import {
  CHAT_PATH,
  ERRORS,
  type ClientFrame,
  type HistoryEntry,
  type ServerFrame,
} from '../reference-server/protocol.ts';
import { ERROR_CODES } from './client-ledger.ts';
import { HISTORY_PAGE_MESSAGES } from './history.ts';
import { Outbox, type Way } from './outbox.ts';
import { ReceivedSequences } from './received-sequences.ts';
import type { SessionEnvironment, SessionUser, Socket } from './session-environment.ts';

/** Not joined within this time: given up. Long, because every attempt costs both sides a handshake. */
const CONNECT_TIMEOUT_MS = 30_000;
/** Reconnects are spread over this span, which doubles with every failure up to the maximum. */
const RECONNECT_FROM_MS = 1_000;
const RECONNECT_MS_MAX = 16_000;
/** How a delivery's frame begins; the numbers of its channel and its place follow. */
export const DELIVERY = '["message",';
export type { SessionEnvironment, SessionUser, Socket };

/** Who looks at the pages of history that a user asked for. */
export interface HistoryAudience {
  onHistory(request: number, page: readonly HistoryEntry[]): void;
}

/** Who looks at deliveries, each once: the texts of their frames. */
interface Listening {
  add(text: string): void;
}

/** Who sends beside the outbox, without waiting. */
interface Flood {
  /** The number of a message that was under way until this answer. */
  answered(key: string): number | undefined;
}

/**
 * A class, against the house's habit: its methods exist once. As closures they cost k6's engine
 * 15 KB a user, and walking them at every collection a third of the generator's time.
 */
export class Session implements Way {
  private readonly environment: SessionEnvironment;
  private readonly self: SessionUser;
  private readonly received: ReceivedSequences[];
  private readonly outbox: Outbox;
  private socket: Socket | undefined;
  private joinedChannels = 0;
  private connectBeganMs = 0;
  private failures = 0;
  private edge: number;
  private finished = false;
  audience: HistoryAudience | undefined;
  listening: Listening | undefined;
  flood: Flood | undefined;

  constructor(environment: SessionEnvironment, self: SessionUser) {
    this.environment = environment;
    this.self = self;
    this.received = self.channels.map(() => new ReceivedSequences());
    this.outbox = new Outbox(environment, self.user, this);
    this.edge = self.user % environment.edges.length;
  }

  /** Messages that are not acknowledged yet. */
  get outstanding(): number {
    return this.outbox.length;
  }

  connect(): void {
    if (this.finished) return;
    const { environment, self } = this;
    this.joinedChannels = 0;
    this.connectBeganMs = environment.now();
    const url = `${environment.edges[this.edge]}${CHAT_PATH}`;
    // It waits for no welcome: what it joins it knows, and the answers come together.
    const mine = environment.open(url, self, this, this.joinFrame());
    this.socket = mine;
    this.followAll(mine);
    environment.later(() => {
      if (mine === this.socket && !this.joined()) this.drop();
    }, CONNECT_TIMEOUT_MS);
  }

  /** The user means to send its n-th message now (intended at `intendedMs` since the epoch). */
  send(n: number, channel: number, intendedMs: number): void {
    this.outbox.add(n, channel, intendedMs);
  }

  /** Sends at once and once, whatever else is under way; false: it is not connected. */
  fire(n: number, key: string, channel: number, intendedMs: number): boolean {
    if (!this.joined()) return false;
    this.outbox.post(this.environment.now(), { n, channel, intendedMs, key, attempts: 1 });
    return true;
  }

  /**
   * Asks for the newest messages of a channel. Returns up to where everything of it had been
   * received by then; undefined: a user who is not connected cannot ask.
   */
  askHistory(request: number, channel: number): number | undefined {
    const book = this.bookOf(this.self.channels.indexOf(channel));
    if (!this.joined() || book === undefined) return undefined;
    this.post(['history', request, channel, 0, HISTORY_PAGE_MESSAGES]);
    return book.contiguous;
  }

  /** Writes the received ranges and leaves for good. */
  finish(): void {
    const { self, environment } = this;
    this.finished = true;
    self.channels.forEach((channel, slot) => {
      const lines = this.bookOf(slot)?.lines(environment.now(), self.user, channel) ?? [];
      for (const line of lines) environment.record(line);
    });
    if (this.socket !== undefined) this.environment.close(this.socket);
  }

  onText(socket: Socket, text: string): void {
    if (!text.startsWith(DELIVERY)) {
      if (socket === this.socket) this.onFrame(JSON.parse(text) as ServerFrame);
      return;
    }
    const afterChannel = text.indexOf(',', DELIVERY.length);
    const afterSequence = text.indexOf(',', afterChannel + 1);
    const channel = Number(text.slice(DELIVERY.length, afterChannel));
    const sequence = Number(text.slice(afterChannel + 1, afterSequence));
    this.onNumbered(socket, channel, sequence, text);
  }

  /** A delivery: of a channel that is not counted, nineteen of twenty frames. */
  onNumbered(socket: Socket, channel: number, sequence: number, text: string): void {
    if (socket !== this.socket) return;
    const book = this.bookOf(this.self.channels.indexOf(channel));
    if (book === undefined || !book.addNext(sequence)) {
      if (!this.onOutOfTurn(channel, sequence, book)) return;
    }
    if (this.listening !== undefined) this.listening.add(text);
  }

  /** Closed or never opened; WebSocket close code (1006 when there was none). */
  onGone(socket: Socket, code: number): void {
    if (socket !== this.socket) return;
    const { environment, self } = this;
    // What came on this socket is forgotten with it.
    self.channels.forEach((_channel, slot) => this.bookOf(slot));
    environment.record(`X ${environment.now()} ${self.user} ${code}`);
    this.socket = undefined;
    this.joinedChannels = 0;
    if (this.finished) return;
    // Another edge next time: this one may be what broke.
    this.edge = (this.edge + 1) % environment.edges.length;
    const spreadMs = Math.min(RECONNECT_MS_MAX, RECONNECT_FROM_MS * 2 ** this.failures);
    this.failures++;
    environment.later(() => this.connect(), spreadMs * environment.random());
  }

  /** Is everything it reads its own again? Only then does it send. */
  joined(): boolean {
    return this.joinedChannels === this.self.channels.length;
  }

  /** On no socket: nothing. */
  post(frame: ClientFrame): void {
    if (this.socket !== undefined) this.environment.send(this.socket, JSON.stringify(frame));
  }

  /** Hangs up, as when an edge is swapped, and comes back as from any loss. */
  drop(): void {
    this.leave('hangUp');
  }

  private leave(how: 'close' | 'hangUp'): void {
    const old = this.socket;
    if (old === undefined) return;
    this.onGone(old, 4000);
    this.environment[how](old);
  }

  private onFrame(frame: ServerFrame): void {
    switch (frame[0]) {
      case 'ack':
        return this.onAcknowledged(frame[1], frame[3]);
      case 'welcome':
        return;
      case 'joined':
        return this.onJoined();
      case 'error':
        return this.onError(frame[1], frame[2], frame[4] ?? 0);
      case 'bye':
        return this.leave('close');
      case 'history':
        return this.audience?.onHistory(frame[1], frame[3]);
      case 'message': // Taken before, in `onNumbered`.
        return;
    }
  }

  private joinFrame(): string {
    const { channels } = this.self;
    const places = channels.map(
      (channel, slot) => [channel, this.received[slot]?.contiguous ?? 0] as const,
    );
    const frame: ClientFrame = ['join', places];
    return JSON.stringify(frame);
  }

  private followAll(socket: Socket): void {
    const { counts } = this.environment;
    // Who listens is to see all.
    if (counts === undefined || this.listening !== undefined) return;
    this.self.channels.forEach((channel, slot) => {
      const book = this.received[slot];
      // What is behind a gap was received and may come again: that is for the book to tell.
      if (book?.isWhole === true) counts.follow(socket, channel, book.contiguous);
    });
  }

  /** With all in it that was counted meanwhile. */
  private bookOf(slot: number): ReceivedSequences | undefined {
    const book = this.received[slot];
    const { counts } = this.environment;
    if (book === undefined || counts === undefined || this.socket === undefined) return book;
    book.cameUpTo(counts.place(this.socket, this.self.channels[slot] as number));
    return book;
  }

  private onJoined(): void {
    if (this.joined()) return; // The answer to asking for a gap.
    this.joinedChannels++;
    if (!this.joined()) return;
    this.failures = 0;
    const nowMs = this.environment.now();
    const tookMs = nowMs - this.connectBeganMs;
    this.environment.record(`C ${nowMs} ${this.self.user} ${this.edge} ${tookMs}`);
    this.outbox.transmit();
  }

  /** True: it is new. */
  private onOutOfTurn(
    channel: number,
    sequence: number,
    book: ReceivedSequences | undefined,
  ): boolean {
    const { environment, self } = this;
    const expected = book === undefined ? 0 : book.contiguous + 1;
    const was = book?.add(sequence) ?? 'ahead';
    if (was !== 'ahead') return was !== 'duplicate';
    environment.record(`G ${environment.now()} ${self.user} ${channel} ${expected} ${sequence}`);
    if (book !== undefined) this.post(['join', [[channel, book.contiguous]]]);
    return book !== undefined;
  }

  private onAcknowledged(key: string, sequence: number): void {
    const own = this.outbox.numberOf(key);
    const n = own ?? this.flood?.answered(key);
    if (n === undefined) return; // A second answer to a retry.
    this.environment.record(`A ${this.environment.now()} ${this.self.user} ${n} ${sequence}`);
    if (own !== undefined) this.outbox.settle();
  }

  private onError(code: keyof typeof ERRORS, key: string, retryAfterMs: number): void {
    const { environment, self } = this;
    const own = this.outbox.numberOf(key);
    const known = Math.max(0, ERROR_CODES.indexOf(code));
    const n = own ?? this.flood?.answered(key) ?? -1;
    environment.record(`E ${environment.now()} ${self.user} ${n} ${known}`);
    if (own === undefined) return;
    if (ERRORS[code]?.retry) this.outbox.postpone(retryAfterMs);
    else this.outbox.settle();
  }
}
