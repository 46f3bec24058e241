/**
 * A bench as a command: exit 0 when its bar is met, 1 when it is not, and for
 * an error its own code with one clear line and the remedy.
 */
import { HoldfastError } from '../cluster/errors.ts';

/** `bench` prints its figures and says whether its bar is met. */
export async function runBench(bench: () => Promise<boolean> | boolean): Promise<void> {
  try {
    process.exitCode = (await bench()) ? 0 : 1;
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    process.stderr.write(`bench: ${error.message}\n${error.remedy}\n`);
    process.exitCode = error.exitCode;
  }
}
