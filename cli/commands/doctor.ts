/** `holdfast doctor`: what this machine can and cannot do, and how to mend it. Changes nothing. */
import type { CommandModule } from 'yargs';
import { doctor as examineMachine } from '../../cluster/machine/doctor.ts';
import { renderChecks } from '../../cluster/machine/render-checks.ts';
import { onInterrupt } from '../../cluster/interrupt.ts';
import { printJson, printResult, say } from '../output.ts';

export const doctor: CommandModule<object, { json: boolean }> = {
  command: 'doctor',
  describe: 'what this machine can and cannot do, and how to mend it',
  builder: (yargs) =>
    yargs
      .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
      .example('$0 doctor', ''),
  async handler({ json }) {
    using interrupt = onInterrupt(say);
    const reports = await examineMachine(interrupt.signal);
    if (json) printJson(reports);
    else printResult(renderChecks(reports));
    const stopped = reports.some(({ needed, kind }) => needed === 'always' && kind === 'missing');
    process.exitCode = stopped ? 70 : 0;
  },
};
