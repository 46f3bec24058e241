/**
 * Lets a user look at the newest messages of its channels, one channel after
 * the other, at its seeded times (`history.ts`), and notes what it was shown
 * and what it had received when it asked.
 */
import type { HistoryEntry } from '../reference-server/protocol.ts';
import { bodyHashOf, type Md5, pageDigest, readAtMs } from './history.ts';
import type { Sending } from './sender.ts';
import type { HistoryAudience, Session, SessionUser } from './session.ts';
import type { Task } from './timetable.ts';

/** What all readers of a virtual user share. */
export interface Reading {
  readonly sending: Sending;
  readonly md5: Md5;
  record(line: string): void;
}

/** A request that is not answered yet. */
interface Asked {
  readonly request: number;
  readonly channel: number;
  readonly known: number;
}

/** A class as senders are, for the same reason. */
export class HistoryReader implements HistoryAudience, Task {
  private readonly reading: Reading;
  private readonly session: Session;
  private readonly self: SessionUser;
  private due = 0;
  private requests = 0;
  private answers = 0;
  private asked: Asked | undefined;
  private finished = false;

  constructor(reading: Reading, session: Session, self: SessionUser) {
    this.reading = reading;
    this.session = session;
    this.self = self;
    session.audience = this;
    this.scheduleNext();
  }

  run(): void {
    const { reading, session, self } = this;
    if (this.finished || reading.sending.now() >= reading.sending.stopAtMs) return;
    const channel = self.channels[this.due % self.channels.length] ?? 0;
    const known = session.askHistory(this.requests + 1, channel);
    if (known !== undefined) this.asked = { request: ++this.requests, channel, known };
    this.due++;
    this.scheduleNext();
  }

  onHistory(request: number, shown: readonly HistoryEntry[]): void {
    const { asked, reading, self } = this;
    // What was given up for a later request is not asked for any more.
    if (asked?.request !== request) return;
    this.asked = undefined;
    this.answers++;
    const page = shown.map(
      ([sequence, key, author, body]) =>
        [sequence, key, author, bodyHashOf(body, reading.md5)] as const,
    );
    const places = page.map(([sequence]) => sequence);
    const [from, to] = page.length === 0 ? [1, 0] : [Math.min(...places), Math.max(...places)];
    const digest = pageDigest(page, reading.md5);
    reading.record(
      `H ${reading.sending.now()} ${self.user} ${asked.channel} ${asked.known} ${from} ${to} ${digest}`,
    );
  }

  /** Writes how often it asked and was answered, and looks no more. */
  finish(): void {
    const { reading, self } = this;
    this.finished = true;
    reading.record(`Q ${reading.sending.now()} ${self.user} ${this.requests} ${this.answers}`);
  }

  private scheduleNext(): void {
    const { sending } = this.reading;
    sending.timetable.at(readAtMs(sending, this.self.user, this.due) - sending.epochMs, this);
  }
}
