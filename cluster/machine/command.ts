/**
 * Runs a program of this machine and says how it ended.
 *
 * A program that fails, is not installed or does not end in time is an answer here, not an
 * exception: probes ask for exactly that. Only an aborted signal throws. The system folders are
 * added to the PATH, because a root shell opened with plain `su` lacks `/usr/sbin`, where `tc`,
 * `nft` and `dockerd` live.
 */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export type CommandOutcome =
  | {
      readonly kind: 'ended';
      readonly exitCode: number;
      readonly stdout: string;
      readonly stderr: string;
    }
  | { readonly kind: 'not-installed' }
  | { readonly kind: 'too-slow'; readonly timeoutMs: number };

export interface CommandOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly input?: string;
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

export function searchPath(): string {
  const folders = (process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter);
  return [...folders, ...SYSTEM_FOLDERS.filter((folder) => !folders.includes(folder))].join(
    delimiter,
  );
}

export async function runCommand(
  file: string,
  args: readonly string[],
  { signal, timeoutMs, input, cwd, environment }: CommandOptions,
): Promise<CommandOutcome> {
  signal.throwIfAborted();
  // Loaded when a program is run: who only judges a run imports this file, and needs none.
  const { execa } = await import('execa');
  const result = await execa(file, args, {
    reject: false,
    cancelSignal: signal,
    timeout: timeoutMs,
    // The harness must not wait for ever on a program that ignores SIGTERM.
    forceKillAfterDelay: 2_000,
    env: { LC_ALL: 'C.UTF-8', ...environment, PATH: environment?.['PATH'] ?? searchPath() },
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    ...(cwd === undefined ? {} : { cwd }),
  });
  signal.throwIfAborted();
  if (result.timedOut) return { kind: 'too-slow', timeoutMs };
  if (result.exitCode === undefined && result.signal === undefined)
    return { kind: 'not-installed' };
  return {
    kind: 'ended',
    // A program that a signal ended has no exit code; 128 is what a shell would build on.
    exitCode: result.exitCode ?? 128,
    stdout: result.stdout,
    stderr: result.stderr,
  };
}

/** The program's path as a shell would find it; undefined when there is none. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of searchPath().split(delimiter)) {
    const path = join(folder, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** The last lines a program wrote: what an error shows of it. */
export function lastLines(outcome: CommandOutcome, lines = 12): string {
  if (outcome.kind === 'not-installed') return 'the program is not installed';
  if (outcome.kind === 'too-slow') return `no answer within ${outcome.timeoutMs / 1000} s`;
  const text = `${outcome.stdout}\n${outcome.stderr}`.trim();
  return `exit ${outcome.exitCode}${text === '' ? '' : `: ${text.split('\n').slice(-lines).join('\n')}`}`;
}
