/**
 * What a virtual user waits for, behind one timer of k6. The engine keeps its
 * timers in a list and walks it for each new one: with thousands of users in
 * a virtual user that walk cost more than sending. It wakes when something is
 * due, and four times a second: to wake costs a generator more than a delivery.
 *
 * Tasks run at whole milliseconds, never before their time, those of one
 * moment in the order they were entered. A task cannot be taken back: one that
 * was overtaken by events finds that out when it runs.
 */

/** What is further off than this waits unordered. */
const SPAN_MS = 250;

export interface Task {
  run(): void;
}

interface Entry {
  readonly dueMs: number;
  readonly task: Task;
}

export class Timetable {
  private readonly now: () => number;
  /** The last millisecond whose tasks were run. */
  private done: number;
  /** The spans after `span`, by their number. */
  private readonly later = new Map<number, Entry[]>();
  private span: number;
  /** All of this span, in order; those before `place` were run. */
  private soon: Entry[] = [];
  private place = 0;
  private isStarted = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** When that timer wakes it; −∞: there is none. */
  private wakesAtMs = -Infinity;

  /** `now`: milliseconds, on any clock that does not jump back. */
  constructor(now: () => number) {
    this.now = now;
    this.done = Math.floor(now());
    this.span = Math.floor(this.done / SPAN_MS);
  }

  /** `atMs` on the clock it was given; what is past runs in the next millisecond. */
  at(atMs: number, task: Task): void {
    const dueMs = Math.max(this.done + 1, Math.ceil(atMs));
    const entry = { dueMs, task };
    const span = Math.floor(dueMs / SPAN_MS);
    if (span <= this.span) this.insert(entry);
    else {
      const others = this.later.get(span);
      if (others === undefined) this.later.set(span, [entry]);
      else others.push(entry);
    }
    if (dueMs < this.wakesAtMs) this.wakeAt(dueMs);
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.now() + delayMs, { run });
  }

  /** Runs all that is due. */
  catchUp(): void {
    const untilMs = Math.floor(this.now());
    for (;;) {
      const next = this.soon[this.place];
      if (next !== undefined) {
        if (next.dueMs > untilMs) break;
        this.place++;
        this.done = next.dueMs;
        next.task.run();
      } else {
        if (this.spanEndsAtMs() > untilMs) break;
        this.span++;
        this.soon = (this.later.get(this.span) ?? []).sort((a, b) => a.dueMs - b.dueMs);
        this.later.delete(this.span);
        this.place = 0;
      }
    }
    this.done = Math.max(this.done, untilMs);
  }

  /** Begins to run tasks at their time; the function returned ends it, also when a task calls it. */
  start(): () => void {
    this.isStarted = true;
    this.wake();
    return () => {
      this.isStarted = false;
      this.stopTimer();
    };
  }

  /** One function for all its timers. */
  private readonly wake = (): void => {
    this.wakesAtMs = -Infinity;
    this.catchUp();
    if (this.isStarted) this.wakeAt(this.soon[this.place]?.dueMs ?? this.spanEndsAtMs());
  };

  private wakeAt(atMs: number): void {
    this.stopTimer();
    this.wakesAtMs = atMs;
    this.timer = setTimeout(this.wake, atMs - this.now());
  }

  private stopTimer(): void {
    if (this.wakesAtMs !== -Infinity) clearTimeout(this.timer);
    this.wakesAtMs = -Infinity;
  }

  private spanEndsAtMs(): number {
    return (this.span + 1) * SPAN_MS;
  }

  /** Behind all that are due by then. */
  private insert(entry: Entry): void {
    const { soon } = this;
    let place = soon.length;
    while (place > this.place && (soon[place - 1] as Entry).dueMs > entry.dueMs) place--;
    soon.splice(place, 0, entry);
  }
}
