/**
 * What a virtual user waits for, behind one timer of k6. The engine keeps its
 * timers in a list and walks it for each new one: with thousands of users in
 * a virtual user that walk cost more than sending.
 *
 * Tasks run in steps of 5 ms, never before their time, those of one step in
 * the order they were entered. A task cannot be taken back: one that was
 * overtaken by events finds that out when it runs.
 */

/** Its lateness counts as the generator's, so it is small against the 20 ms half of all may take. */
const STEP_MS = 5;

export interface Task {
  run(): void;
}

export class Timetable {
  private readonly now: () => number;
  private readonly steps = new Map<number, Task[]>();
  /** The last step whose tasks were run. */
  private done: number;

  /** `now`: milliseconds, on any clock that does not jump back. */
  constructor(now: () => number) {
    this.now = now;
    this.done = Math.floor(now() / STEP_MS);
  }

  /** `atMs` on the clock it was given; what is past runs in the next step. */
  at(atMs: number, task: Task): void {
    const step = Math.max(this.done + 1, Math.ceil(atMs / STEP_MS));
    const tasks = this.steps.get(step);
    if (tasks === undefined) this.steps.set(step, [task]);
    else tasks.push(task);
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.now() + delayMs, { run });
  }

  /** Runs all that is due. */
  catchUp(): void {
    const until = Math.floor(this.now() / STEP_MS);
    while (this.done < until) {
      const step = ++this.done;
      const tasks = this.steps.get(step);
      if (tasks === undefined) continue;
      this.steps.delete(step);
      for (const task of tasks) task.run();
    }
  }

  /** Begins to run tasks at their time; the function returned ends it, also when a task calls it. */
  start(): () => void {
    let isEnded = false;
    let timer: ReturnType<typeof setTimeout>;
    // An interval begins anywhere within a step, and is half a step late ever after.
    const wake = (): void => {
      this.catchUp();
      if (!isEnded) timer = setTimeout(wake, (this.done + 1) * STEP_MS - this.now());
    };
    wake();
    return () => {
      isEnded = true;
      clearTimeout(timer);
    };
  }
}
