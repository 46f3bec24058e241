/** `holdfast claims`: every promise of the mission that a run can prove or refute. */
import type { CommandModule } from 'yargs';
import { CLAIMS } from '../../reports/claims/index.ts';
import { printJson, printResult } from '../output.ts';

export const claims: CommandModule<object, { json: boolean }> = {
  command: 'claims',
  describe: 'list the claims a run proves, refutes or leaves untested',
  builder: (yargs) =>
    yargs
      .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
      .example('$0 claims', ''),
  handler({ json }) {
    const list = CLAIMS.map(({ id, group, title }) => ({ id, group, title }));
    if (json) return printJson(list);
    printResult(list.map(({ id, group, title }) => `${id}  ${group}\n     ${title}`).join('\n'));
  },
};
