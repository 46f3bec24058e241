/**
 * Lets every user of a virtual user lose its socket, one after the other,
 * evenly over the time of the storm (`shapes/reconnect-storm.ts`). One task
 * for all: the generator has better things to keep than a timer a user.
 */
import type { Sending } from './sender.ts';
import type { Session } from './session.ts';
import type { Spell } from './shapes/shape.ts';
import type { Task } from './timetable.ts';

export class StormTask implements Task {
  private readonly sending: Sending;
  private readonly spell: Spell;
  private readonly sessions: readonly Session[];
  private gone = 0;

  constructor(sending: Sending, spell: Spell, sessions: readonly Session[]) {
    this.sending = sending;
    this.spell = spell;
    this.sessions = sessions;
    this.scheduleNext();
  }

  run(): void {
    const { sending, sessions } = this;
    while (this.gone < sessions.length && this.nextMs() <= sending.now()) {
      sessions[this.gone++]?.drop();
    }
    if (this.gone < sessions.length) this.scheduleNext();
  }

  private nextMs(): number {
    const { sending, spell, sessions, gone } = this;
    const share = gone / sessions.length;
    const atMs = spell.fromMs + share * (spell.toMs - spell.fromMs);
    return sending.sendFromMs - sending.epochMs + atMs;
  }

  private scheduleNext(): void {
    this.sending.timetable.at(this.nextMs(), this);
  }
}
