/** `holdfast check RUN`: judge a run again from its directory alone. */
import type { Argv, CommandModule } from 'yargs';
import { renderTerminal } from '../../reports/terminal.ts';
import { verifyManifest } from '../../reports/write.ts';
import { concludeRun } from '../conclude-run.ts';
import { printJson, printResult, say, useColor } from '../output.ts';
import { requireRun } from '../run-directory.ts';

const options = (yargs: Argv) =>
  yargs
    .positional('run', { type: 'string', demandOption: true, describe: 'a run directory' })
    .option('json', { type: 'boolean', default: false, describe: 'print verdict.json' })
    .example('$0 check runs/20260101T120000Z-gate', 'the same verdict, with nothing running');

type CheckArguments = Awaited<ReturnType<typeof options>['argv']>;

export const check: CommandModule<object, CheckArguments> = {
  command: 'check <run>',
  describe: 'judge a stored run again; writes its reports anew',
  builder: options,
  async handler({ run, json }) {
    const path = requireRun(run);
    const changed = await verifyManifest(path);
    for (const file of changed) say(`not as it was written: ${file}`);
    const verdict = await concludeRun(path);
    if (json) printJson(verdict);
    else printResult(renderTerminal(verdict, { color: useColor(process.stdout), width: 80 }));
    process.exitCode = verdict.exitCode;
  },
};
