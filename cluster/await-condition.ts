/**
 * Waits for something to become true by asking again and again, never by
 * sleeping and hoping. When it gives up, the error says what was awaited, for
 * how long, and what was last seen.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { HoldfastError } from './errors.ts';

export type Check<T> =
  { readonly kind: 'met'; readonly value: T } | { readonly kind: 'waiting'; readonly seen: string };

export interface AwaitOptions {
  /** Completes "waited for …": `three replicas streaming`. */
  readonly what: string;
  readonly timeoutMs: number;
  readonly intervalMs: number;
  readonly remedy: string;
  readonly signal?: AbortSignal | undefined;
}

export const awaitCondition = async <T>(
  check: () => Promise<Check<T>>,
  { what, timeoutMs, intervalMs, remedy, signal }: AwaitOptions,
): Promise<T> => {
  const deadline = performance.now() + timeoutMs;
  let seen: string;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const answer = await check();
      if (answer.kind === 'met') return answer.value;
      seen = answer.seen;
    } catch (error) {
      seen = String(error);
    }
    if (performance.now() >= deadline) {
      throw new HoldfastError({
        code: 'condition-not-met',
        message: `Waited ${timeoutMs / 1000} s for ${what}. Last seen: ${seen}`,
        remedy,
      });
    }
    await delay(intervalMs, undefined, signal === undefined ? {} : { signal });
  }
};
