/**
 * Runs Docker's command-line client for what its interface for programs does
 * badly: pulling, importing, building. Every line it prints goes to `log`;
 * while it prints nothing, a line every ten seconds says that it still works.
 */
import { execa } from 'execa';
import { createInterface } from 'node:readline';
import { HoldfastError } from '../errors.ts';

export type Log = (line: string) => void;

export interface CommandOptions {
  /** What is being done, for progress and errors: `building holdfast/base`. */
  readonly task: string;
  readonly log: Log;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  /** Which lines of its output are progress worth showing. */
  readonly isProgress: (line: string) => boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Silence longer than this makes people think that it hangs. */
const HEARTBEAT_MS = 10_000;
/** Enough of the end of the output to see why it failed. */
const OUTPUT_LINES_MAX = 30;

export const runCommand = async (
  command: string,
  commandArguments: readonly string[],
  { task, log, signal, timeoutMs, isProgress, environment = {} }: CommandOptions,
): Promise<void> => {
  const began = performance.now();
  const elapsedSec = (): string => ((performance.now() - began) / 1000).toFixed(0);
  const last: string[] = [];
  let spokeAt = began;
  const say = (line: string): void => {
    spokeAt = performance.now();
    log(line);
  };
  const heartbeat = setInterval(() => {
    if (performance.now() - spokeAt >= HEARTBEAT_MS) say(`${task}: ${elapsedSec()} s …`);
  }, 1_000);
  try {
    const child = execa(command, [...commandArguments], {
      all: true,
      buffer: false,
      stdin: 'ignore',
      reject: false,
      timeout: timeoutMs,
      env: { ...environment },
      ...(signal === undefined ? {} : { cancelSignal: signal }),
    });
    for await (const line of createInterface({ input: child.all })) {
      last.push(line);
      if (last.length > OUTPUT_LINES_MAX) last.shift();
      if (isProgress(line)) say(`${task}: ${line.trim()}`);
    }
    const result = await child;
    signal?.throwIfAborted();
    if (result.failed) {
      throw new HoldfastError({
        code: 'command-failed',
        message: `${task} failed after ${elapsedSec()} s (${result.timedOut ? `stopped at its limit of ${timeoutMs} ms` : `exit code ${result.exitCode ?? 'none'}`}). Last output:\n${last.join('\n') || (result.originalMessage ?? '')}`,
        remedy: 'Read the last lines above; `holdfast doctor` says what this machine is missing.',
        cause: result.cause,
      });
    }
  } finally {
    clearInterval(heartbeat);
  }
};

/** Does the engine have this image? */
export const imageExists = async (image: string): Promise<boolean> => {
  const { exitCode } = await execa('docker', ['image', 'inspect', '--format', 'x', image], {
    reject: false,
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  return exitCode === 0;
};
