/** `holdfast faults`: everything that can be broken. */
import type { CommandModule } from 'yargs';
import { FAULTS } from '../../chaos/faults/index.ts';
import { printJson, printResult } from '../output.ts';

export const faults: CommandModule<object, { json: boolean }> = {
  command: 'faults',
  describe: 'list the faults',
  builder: (yargs) =>
    yargs
      .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
      .example('$0 faults', ''),
  handler({ json }) {
    const list = FAULTS.map(({ kind, imitates, aim, failover }) => ({
      kind,
      imitates,
      aim,
      failover,
    }));
    if (json) return printJson(list);
    const lines = list.map(
      ({ kind, imitates, aim }) => `${kind.padEnd(15)}on ${aim}\n    ${imitates}`,
    );
    printResult(lines.join('\n'));
  },
};
