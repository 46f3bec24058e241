/**
 * Strikes with a command on the struck server, which says itself between which
 * two moments the command ran: asking the engine to run something takes tens
 * to hundreds of milliseconds, the command one or two.
 */
import type { ExecResult, Moment } from '../../cluster/cluster.ts';
import { HoldfastError } from '../../cluster/errors.ts';

/** Runs its arguments between two readings of the clock (seconds with microseconds). */
const TIMED = 'echo "$EPOCHREALTIME"; "$@" >&2; code=$?; echo "$EPOCHREALTIME"; exit "$code"';

const timed = (command: readonly string[]): readonly string[] => [
  ...['bash', '-c', TIMED, 'strike'],
  ...command,
];

/** The command that was meant, without the clock around it. */
export const untimed = (command: readonly string[]): readonly string[] =>
  command[2] === TIMED ? command.slice(timed([]).length) : command;

export interface Blow {
  readonly struck: Moment;
  readonly result: ExecResult;
}

/** `execute` runs a command on the server; its standard output is the clock's, the rest is kept. */
export async function strikeWith(
  execute: (command: readonly string[]) => Promise<ExecResult>,
  command: readonly string[],
): Promise<Blow> {
  const askedMs = Date.now();
  const result = await execute(timed(command));
  const [from, to] = clockReadings(result.stdout);
  // Without a clock's word it fell somewhere between our asking and the answer.
  return { struck: { fromMs: from ?? askedMs, toMs: to ?? Date.now() }, result };
}

/** As `strikeWith`; that the command failed is an error, for then nothing was struck. */
export async function strikeOrFail(
  execute: (command: readonly string[]) => Promise<ExecResult>,
  command: readonly string[],
  target: string,
): Promise<Moment> {
  const { struck, result } = await strikeWith(execute, command);
  if (result.exitCode === 0) return struck;
  throw new HoldfastError({
    code: 'fault-not-injected',
    message: `${command.join(' ').slice(0, 200)} on ${target} exited ${result.exitCode}: ${result.stderr.trim()}`,
    remedy: 'see holdfast cluster status, and holdfast faults for what this machine can do',
  });
}

/** Whole milliseconds, outwards: the first down, the second up. */
function clockReadings(output: string): [from: number | undefined, to: number | undefined] {
  const [from, to] = output
    .trim()
    .split(/\s+/)
    .map((seconds) => Number(seconds.replace(',', '.')) * 1_000);
  const isRead = (ms: number | undefined): ms is number => ms !== undefined && ms > 0;
  return [isRead(from) ? Math.floor(from) : undefined, isRead(to) ? Math.ceil(to) : undefined];
}
