/** `holdfast selftest`: breaks the service on purpose and demands that it is noticed. */
import type { Argv, CommandModule } from 'yargs';
import { HoldfastError } from '../../cluster/errors.ts';
import { OPEN_SABOTAGES, SABOTAGES } from '../../chaos/sabotage/index.ts';
import type { Sabotage } from '../../chaos/sabotage/sabotage.ts';
import { EXIT_CODES } from '../../reports/verdict.ts';
import { onInterrupt } from '../../cluster/interrupt.ts';
import { printJson, printResult, say } from '../output.ts';
import { createProgress } from '../progress.ts';
import { runSelftest } from '../selftest.ts';
import { isGood, renderTable, renderTurn } from '../selftest-table.ts';

const options = (yargs: Argv) =>
  yargs
    .option('only', { type: 'string', array: true, describe: 'these sabotages [all]' })
    .option('list', { type: 'boolean', default: false, describe: 'list them and run nothing' })
    .option('runs', {
      type: 'string',
      default: 'runs/selftest',
      describe: 'where run directories are made',
    })
    .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
    .example('$0 selftest', 'all of them, in under half an hour')
    .example('$0 selftest --only delivery-dropped', 'one of them');

type SelftestArguments = Awaited<ReturnType<typeof options>['argv']>;

export const selftest: CommandModule<object, SelftestArguments> = {
  command: 'selftest',
  describe: 'break the service on purpose and demand that each sabotage is noticed',
  builder: options,
  async handler({ only, list, runs, json }) {
    const wanted = only === undefined ? SABOTAGES : only.map(sabotageOf);
    if (list) return printList(wanted, json);
    using interrupt = onInterrupt(say);
    using progress = createProgress(process.stderr);
    const reports = await runSelftest({
      sabotages: wanted,
      runs,
      progress,
      signal: interrupt.signal,
      onTurn: (report, left) => progress.line(`${renderTurn(report)}  (${left} to go)`),
    });
    interrupt.signal.throwIfAborted();
    const open = only === undefined ? OPEN_SABOTAGES : [];
    if (json) printJson({ turns: reports, open });
    else printResult(renderTable(reports, open));
    process.exitCode = reports.every(isGood) ? EXIT_CODES.pass : EXIT_CODES.fail;
  },
};

function sabotageOf(name: string): Sabotage {
  const found = SABOTAGES.find((sabotage) => sabotage.name === name);
  if (found !== undefined) return found;
  const open = OPEN_SABOTAGES.find((sabotage) => sabotage.name === name);
  throw new HoldfastError({
    code: 'unknown-sabotage',
    message:
      open === undefined ? `there is no sabotage '${name}'` : `'${name}' is open: ${open.open}`,
    remedy: 'holdfast selftest --list',
    exitCode: 64,
  });
}

function printList(sabotages: readonly Sabotage[], json: boolean): void {
  const list = sabotages.map(({ name, breaks, circumstances, expects }) => ({
    name,
    breaks,
    circumstances: circumstances.name,
    expects,
  }));
  if (json) return printJson({ sabotages: list, open: OPEN_SABOTAGES });
  printResult(
    [
      ...list.map(
        ({ name, breaks, circumstances, expects: { verdict, by } }) =>
          `${name}\n    ${breaks}\n    circumstances: ${circumstances}; has to be ${verdict} by ${by.join(' or ')}`,
      ),
      ...OPEN_SABOTAGES.map(
        ({ name, breaks, open }) => `${name}\n    ${breaks}\n    open: ${open}`,
      ),
    ].join('\n'),
  );
}
