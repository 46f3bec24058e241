/**
 * What a user means to send. One message is under way at a time; later ones wait with their intended
 * times kept, so a user's own order is never its fault. The one under way is sent again with the same
 * key after a silence, or when whoever refused it for now wants it again.
 */
import type { ClientFrame } from '../reference-server/protocol.ts';
import { bodyOf, messageKey } from './schedule.ts';
import type { SessionEnvironment } from './session-environment.ts';

/** An unanswered message is sent again after this long; under the 5 s deadline of the objective. */
const RESEND_AFTER_MS = 3_000;
/** Every message has that timeout, and a generator wakes for many of them at once. */
const TIMEOUTS_SHARE_MS = 100;
/**
 * After an answer such as `busy` the same message is sent again later: not before the service wants
 * it, nor before this.
 */
const BUSY_PAUSE_MS = 200;
/**
 * The pause doubles with each such answer in a row, up to this (20,000 users ask 2,000 times a
 * second then), or to what the service wants.
 */
const BUSY_PAUSE_MS_MAX = 8_000;

/** A message of the user and how many times it was sent, this time included. */
interface Sent {
  readonly n: number;
  readonly channel: number;
  readonly intendedMs: number;
  readonly key: string;
  readonly attempts: number;
}

interface Outgoing extends Sent {
  attempts: number;
  /** Answers in a row that it is to be sent again later. */
  refusals: number;
  /** Changes when it is sent and when it is refused: what was planned for it before is off. */
  turn: number;
}

/** The user's way to the service, where there is one just now. */
export interface Way {
  joined(): boolean;
  post(frame: ClientFrame): void;
}

/** A class as sessions are, for the same reason. */
export class Outbox {
  private readonly environment: SessionEnvironment;
  private readonly user: number;
  private readonly way: Way;
  private readonly messages: Outgoing[] = [];

  constructor(environment: SessionEnvironment, user: number, way: Way) {
    this.environment = environment;
    this.user = user;
    this.way = way;
  }

  /** Messages that are not settled yet. */
  get length(): number {
    return this.messages.length;
  }

  /** The user means to send its n-th message now (intended at `intendedMs` since the epoch). */
  add(n: number, channel: number, intendedMs: number): void {
    const key = messageKey(this.environment.run, this.user, n);
    this.messages.push({ n, channel, intendedMs, key, attempts: 0, refusals: 0, turn: 0 });
    if (this.messages.length === 1) this.transmit();
  }

  /** The number of the message under way, if its key is this one. */
  numberOf(key: string): number | undefined {
    const head = this.messages[0];
    return head?.key === key ? head.n : undefined;
  }

  /** The message under way is done with; the next one's turn has come. */
  settle(): void {
    this.messages.shift();
    this.transmit();
  }

  /** The message under way was refused for now, and is wanted again after so long. */
  postpone(retryAfterMs: number): void {
    const head = this.messages[0];
    if (head === undefined) return;
    const doubledMs = Math.max(BUSY_PAUSE_MS, retryAfterMs) * 2 ** head.refusals;
    head.refusals++;
    head.turn++;
    const pauseMs = Math.max(retryAfterMs, Math.min(BUSY_PAUSE_MS_MAX, doubledMs));
    // Spread, so that they do not all come back in the same moment.
    this.transmitAfter(head, pauseMs * (1 + this.environment.random() / 2));
  }

  /** Sends the message under way, if there is one and a way: also once more, on a new socket. */
  transmit(): void {
    const head = this.messages[0];
    if (head === undefined || !this.way.joined()) return;
    head.attempts++;
    head.turn++;
    const nowMs = this.environment.now();
    const checkMs = Math.ceil((nowMs + RESEND_AFTER_MS) / TIMEOUTS_SHARE_MS) * TIMEOUTS_SHARE_MS;
    this.transmitAfter(head, checkMs - nowMs);
    this.post(nowMs, head);
  }

  /** Notes that it is sent, and sends it, whatever else is under way. */
  post(nowMs: number, { n, channel, intendedMs, key, attempts }: Sent): void {
    const { environment, user } = this;
    environment.record(`S ${nowMs} ${user} ${n} ${channel} ${intendedMs} ${attempts}`);
    this.way.post(['send', key, channel, bodyOf(key, environment.seed, user, n)]);
  }

  /** Unless it was answered, or sent again meanwhile, for another reason. */
  private transmitAfter(message: Outgoing, delayMs: number): void {
    const { turn } = message;
    this.environment.later(() => {
      if (this.messages[0] === message && message.turn === turn) this.transmit();
    }, delayMs);
  }
}
