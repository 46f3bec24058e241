/** Waiting for a condition in a test, with an error that says what was awaited. */
import { setTimeout as wait } from 'node:timers/promises';

const STEP_MS = 20;

/** Thrown by a question whose answer will not change any more. */
export class Hopeless extends Error {}

/** Asks until the answer is neither undefined nor false; an error counts as not yet. */
export async function eventually<Value>(
  what: string,
  ask: () => Value | Promise<Value>,
  timeoutMs = 15_000,
): Promise<Exclude<Awaited<Value>, undefined | false>> {
  const untilMs = performance.now() + timeoutMs;
  let last: unknown;
  while (performance.now() < untilMs) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) {
        return answer as Exclude<Awaited<Value>, undefined | false>;
      }
      last = answer;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      last = error;
    }
    await wait(STEP_MS);
  }
  throw new Error(`waited ${timeoutMs} ms for ${what}; last seen: ${String(last)}`, {
    cause: last,
  });
}
