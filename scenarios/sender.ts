/**
 * Sends a user's messages at their intended times, one after the other. As
 * sessions, senders are a class: k6's engine pays a kilobyte a closure, and
 * with thousands of users walks them at every collection of its memory.
 */
import type { Session, SessionUser } from './session.ts';
import { channelOf, intendedAtMs, type Schedule } from './schedule.ts';

/** What all senders of a virtual user share. */
export interface Sending extends Schedule {
  readonly epochMs: number;
  /** No message that is intended then or later is sent; milliseconds since the epoch of the ledger. */
  stopAtMs: number;
  /** Milliseconds since the epoch of the ledger. */
  now(): number;
}

const fire = (sender: Sender): void => sender.sendDue();

export class Sender {
  private readonly sending: Sending;
  private readonly session: Session;
  private readonly self: SessionUser;
  /** Messages that were due so far. */
  sent = 0;
  private dueMs = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(sending: Sending, session: Session, self: SessionUser) {
    this.sending = sending;
    this.session = session;
    this.self = self;
    this.scheduleNext();
  }

  sendDue(): void {
    this.send(this.dueMs);
  }

  /** Sends the next message now, if none is under way and it is due within its interval. */
  advance(): void {
    const nowMs = this.sending.now();
    if (this.session.outstanding > 0 || this.dueMs - nowMs > this.sending.intervalMs) return;
    clearTimeout(this.timer);
    // One that is late already is not meant any later for that.
    this.send(Math.min(nowMs, this.dueMs));
  }

  cancel(): void {
    clearTimeout(this.timer);
  }

  private send(intendedMs: number): void {
    const { sending, self } = this;
    if (intendedMs >= sending.stopAtMs) return;
    const channel = channelOf(sending.seed, self.channels, self.user, this.sent);
    this.session.send(this.sent, channel, intendedMs);
    this.sent++;
    this.scheduleNext();
  }

  private scheduleNext(): void {
    const { sending, self } = this;
    this.dueMs = intendedAtMs(sending, self.user, this.sent) - sending.epochMs;
    this.timer = setTimeout(fire, Math.max(0, this.dueMs - sending.now()), this);
  }
}
