/**
 * Sends a user's messages at their intended times without waiting for answers
 * and without ever sending one again: what a script does that was let loose on
 * a login (`shapes/abuser.ts`). What is not connected is not sent.
 */
import { messageKey, channelOf, intendedAtMs } from './schedule.ts';
import type { Sending } from './sender.ts';
import type { Session, SessionUser } from './session.ts';
import type { Task } from './timetable.ts';

export class Flooder implements Task {
  private readonly sending: Sending;
  private readonly session: Session;
  private readonly self: SessionUser;
  /** Key → number, of what is not answered yet. */
  private readonly underWay = new Map<string, number>();
  private readonly runNonce: string;
  sent = 0;
  private dueMs = 0;

  constructor(sending: Sending, runNonce: string, session: Session, self: SessionUser) {
    this.sending = sending;
    this.runNonce = runNonce;
    this.session = session;
    this.self = self;
    session.flood = this;
    this.scheduleNext();
  }

  /** All that is due: a flood has more than one message in a step of the timetable. */
  run(): void {
    const { sending, self, session } = this;
    while (sending.now() >= this.dueMs && this.dueMs < sending.stopAtMs) {
      const n = this.sent++;
      const channel = channelOf(sending.seed, self.channels, self.user, n, sending.hotShare);
      const key = messageKey(this.runNonce, self.user, n);
      if (session.fire(n, key, channel, this.dueMs)) this.underWay.set(key, n);
      this.dueMs = this.nextDueMs();
    }
    this.scheduleNext();
  }

  /** The message's number, where it is one that was not answered yet; it is now. */
  answered(key: string): number | undefined {
    const n = this.underWay.get(key);
    this.underWay.delete(key);
    return n;
  }

  /** It waits for no volley. */
  advance(): void {}

  cancel(): void {
    this.dueMs = Infinity;
  }

  private nextDueMs(): number {
    return intendedAtMs(this.sending, this.self.user, this.sent) - this.sending.epochMs;
  }

  private scheduleNext(): void {
    if (this.dueMs === Infinity) return;
    this.dueMs = this.nextDueMs();
    this.sending.timetable.at(this.dueMs, this);
  }
}
