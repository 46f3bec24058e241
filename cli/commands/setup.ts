/** `holdfast setup`: mends what this machine lacks, as far as it may; every run does it by itself. */
import type { CommandModule } from 'yargs';
import { setUp } from '../../cluster/machine/set-up.ts';
import { resolveK6 } from '../../cluster/machine/k6.ts';
import { onInterrupt } from '../../cluster/interrupt.ts';
import { printResult, say } from '../output.ts';
import { createProgress } from '../progress.ts';

export const setup: CommandModule<object, { tests: boolean }> = {
  command: 'setup',
  describe: 'install and start what this machine lacks',
  builder: (yargs) =>
    yargs
      .option('tests', { type: 'boolean', default: false, describe: 'also what the tests need' })
      .example('$0 setup', 'Docker, and k6 with what it takes to build it'),
  async handler({ tests }) {
    using interrupt = onInterrupt(say);
    using progress = createProgress(process.stderr);
    const { signal } = interrupt;
    await setUp({
      log: progress.line,
      signal,
      need: tests ? ['build-k6', 'browser-tests'] : ['build-k6'],
    });
    await resolveK6(progress.line, signal);
    printResult('this machine is set up');
  },
};
