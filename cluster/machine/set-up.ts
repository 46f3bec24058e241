/**
 * Brings this machine to the point where a run can start, as far as it may: on Debian or Ubuntu as
 * root it installs and starts what is missing, anywhere else it says exactly what to type.
 *
 * First it only looks; where nothing is to be mended that is all, and takes well under a second.
 * What is limited is mended too if it can be, but only what is missing and needed stops a run.
 */
import { HoldfastError } from '../errors.ts';
import type { Check, CheckReport, Log, Need } from './check.ts';
import { CHECKS } from './checks/index.ts';
import { doctor, examine } from './doctor.ts';
import { exclusively } from './exclusive.ts';

export interface SetUpOptions {
  readonly log: Log;
  readonly signal: AbortSignal;
  /** What is needed beside `always`. */
  readonly need?: readonly Need[];
  /** The checks to satisfy; all of them unless a test or a command needs only some. */
  readonly checks?: readonly Check[];
}

/** The state afterwards. Throws a HoldfastError (exit code 70) when something needed is missing. */
export async function setUp({
  log,
  signal,
  need = [],
  checks = CHECKS,
}: SetUpOptions): Promise<readonly CheckReport[]> {
  const wanted = checks.filter(({ needed }) => needed === 'always' || need.includes(needed));
  const before = await doctor(signal, wanted);
  if (before.every(isSettled)) return before;
  return exclusively('the set-up', { log, signal }, async () => {
    const reports: CheckReport[] = [];
    const failures: HoldfastError[] = [];
    for (const check of wanted) {
      // What cannot be had stops the run anyhow: nobody should wait minutes for the rest first.
      const isHopeless = reports.some(isMissing);
      reports.push(
        await (isHopeless ? examine(check, signal) : mend(check, failures, log, signal)),
      );
    }
    const missing = reports.filter(isMissing);
    if (missing.length > 0) throw machineError(missing, failures);
    return reports;
  });
}

const isMissing = ({ kind }: CheckReport): boolean => kind === 'missing';

/** Nothing to do, or nothing that anybody could do about a mere limit. */
const isSettled = ({ kind, mend }: CheckReport): boolean =>
  kind === 'ok' || (kind === 'limited' && mend.length === 0);

async function mend(
  check: Check,
  failures: HoldfastError[],
  log: Log,
  signal: AbortSignal,
): Promise<CheckReport> {
  // Looked at again: whoever held the lock before us, or the mending of a check before this one,
  // may have settled it.
  const report = await examine(check, signal);
  if (isSettled(report) || check.mendIt === undefined) return report;
  try {
    await check.mendIt(log, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof HoldfastError)) throw error;
    if (report.kind === 'limited') log(`${check.title}: going on without (${error.message})`);
    else failures.push(error);
  }
  return examine(check, signal);
}

function machineError(
  missing: readonly CheckReport[],
  failures: readonly HoldfastError[],
): HoldfastError {
  const seen = missing.map(({ title, found }) => `${title}: ${found}`);
  const remedies = [
    ...missing.flatMap(({ mend }) => mend),
    ...failures.filter(({ code }) => !code.startsWith('may-not-')).map(({ remedy }) => remedy),
  ];
  return new HoldfastError({
    code: 'machine-not-ready',
    message: `This machine cannot run it yet. ${[...seen, ...failures.map(({ message }) => message)].join('; ')}`,
    remedy: [...new Set(remedies)].join('\n') || 'Run ./holdfast doctor.',
    ...(failures.length > 0 ? { cause: new AggregateError(failures) } : {}),
  });
}
