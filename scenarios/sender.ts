/**
 * Sends a user's messages at their intended times, one after the other. As
 * sessions, senders are a class: k6's engine pays a kilobyte a closure, and
 * with thousands of users walks them at every collection of its memory.
 */
import { channelOf, intendedAtMs, type Schedule } from './schedule.ts';
import type { Session, SessionUser } from './session.ts';
import type { Task, Timetable } from './timetable.ts';

/** What all senders of a virtual user share. */
export interface Sending extends Schedule {
  readonly epochMs: number;
  /** No message that is intended then or later is sent; milliseconds since the epoch of the ledger. */
  stopAtMs: number;
  /** Milliseconds since the epoch of the ledger. */
  now(): number;
  /** On that clock. */
  readonly timetable: Timetable;
  /** Share of their messages that members of the hot channel send to it. */
  readonly hotShare: number;
}

export class Sender implements Task {
  private readonly sending: Sending;
  private readonly session: Session;
  private readonly self: SessionUser;
  /** Messages that were due so far. */
  sent = 0;
  /** When the next message is meant. */
  private dueMs = 0;

  constructor(sending: Sending, session: Session, self: SessionUser) {
    this.sending = sending;
    this.session = session;
    this.self = self;
    this.scheduleNext();
  }

  run(): void {
    // Sent ahead of its time, or cancelled: the next one has a turn of its own.
    if (this.sending.now() < this.dueMs) return;
    this.send(this.dueMs);
  }

  /** Sends the next message now, if none is under way and it is due within its interval. */
  advance(): void {
    const nowMs = this.sending.now();
    if (this.session.outstanding > 0 || this.dueMs - nowMs > this.sending.intervalMs) return;
    // One that is late already is not meant any later for that.
    this.send(Math.min(nowMs, this.dueMs));
  }

  cancel(): void {
    this.dueMs = Infinity;
  }

  private send(intendedMs: number): void {
    const { sending, self } = this;
    if (intendedMs >= sending.stopAtMs) return;
    const channel = channelOf(sending.seed, self.channels, self.user, this.sent, sending.hotShare);
    this.session.send(this.sent, channel, intendedMs);
    this.sent++;
    this.scheduleNext();
  }

  private scheduleNext(): void {
    const { sending, self } = this;
    this.dueMs = intendedAtMs(sending, self.user, this.sent) - sending.epochMs;
    sending.timetable.at(this.dueMs, this);
  }
}
