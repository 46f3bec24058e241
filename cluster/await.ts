/**
 * Waiting for a condition: asks again and again until it holds, and says what
 * was last seen when it does not hold in time.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { HoldfastError } from './errors.ts';

export interface Awaited {
  readonly met: boolean;
  /** What was seen, for people. */
  readonly seen: string;
}

export interface AwaitOptions {
  /** What is awaited, on which target: `4 members streaming`. */
  readonly what: string;
  readonly timeoutMs: number;
  readonly everyMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What to do when it is not met in time. */
  readonly remedy?: string;
}

const REMEDY =
  'holdfast cluster status shows the servers; holdfast doctor shows whether the machine is overloaded';

/**
 * Resolves with the last look, whether or not the condition was met in time. A look that failed (on
 * a busy machine nobody may answer within its time) has seen that, and is made again.
 */
export async function pollUntil(
  look: () => Awaited | Promise<Awaited>,
  { timeoutMs, everyMs, signal }: Omit<AwaitOptions, 'what' | 'remedy'>,
): Promise<Awaited> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const seen = await lookOnce(look);
    if (seen.met || performance.now() >= deadlineMs) return seen;
    await pause(everyMs, undefined, signal && { signal });
  }
}

async function lookOnce(look: () => Awaited | Promise<Awaited>): Promise<Awaited> {
  try {
    return await look();
  } catch (error) {
    return { met: false, seen: error instanceof AggregateError ? allOf(error) : String(error) };
  }
}

/** What each of several had to say, where the first that succeeds would have been enough. */
const allOf = ({ errors }: AggregateError): string =>
  [...new Set(errors.map((error: unknown) => String(error)))].join('; ');

/** As `pollUntil`, but not being met in time is an error. */
export async function awaitCondition(
  look: () => Awaited | Promise<Awaited>,
  options: AwaitOptions,
): Promise<string> {
  const last = await pollUntil(look, options);
  if (last.met) return last.seen;
  throw new HoldfastError({
    code: 'condition-not-met',
    message: `waited ${options.timeoutMs / 1_000} s for ${options.what}; last seen: ${last.seen}`,
    remedy: options.remedy ?? REMEDY,
  });
}
