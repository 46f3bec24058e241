/**
 * A bench as a command: exit 0 when its bar is met, 1 when it is not, 2 when it
 * was interrupted, and for an error its own code with one clear line and the
 * remedy.
 */
import { failuresOf, HoldfastError, reasonOf } from '../cluster/errors.ts';
import { Interrupted, onInterrupt } from '../cluster/interrupt.ts';

type MaybeLater<T> = Promise<T> | T;

const INTERRUPTED = 2;

const tell = (line: string): void => void process.stderr.write(`bench: ${line}\n`);

/** `bench` prints its figures and says whether its bar is met. */
export async function runBench(bench: () => MaybeLater<boolean>): Promise<void> {
  try {
    process.exitCode = (await bench()) ? 0 : 1;
  } catch (failure) {
    const [error, ...later] = failuresOf(failure);
    for (const also of later) tell(`while clearing up: ${reasonOf(also)}`);
    if (error instanceof Interrupted) {
      tell(later.length === 0 ? `${error.message}; what it had started is removed` : error.message);
      process.exitCode = INTERRUPTED;
      return;
    }
    if (!(error instanceof HoldfastError)) throw error;
    tell(`${error.message}\n${error.remedy}`);
    process.exitCode = error.exitCode;
  }
}

/** One that has containers to remove when somebody interrupts it: the signal tells it to leave. */
export const runClusterBench = (bench: (signal: AbortSignal) => Promise<boolean>): Promise<void> =>
  runBench(async () => {
    using interrupt = onInterrupt(tell);
    return await bench(interrupt.signal);
  });
