/** `holdfast check RUN`: judge a run again from its directory alone. */
import { existsSync } from 'node:fs';
import type { Argv, CommandModule } from 'yargs';
import { renderTerminal } from '../../reports/terminal.ts';
import { inRun, runFiles } from '../../chaos/run-directory.ts';
import { concludeRun, writeConclusion } from '../conclude-run.ts';
import { printJson, printResult, useColor } from '../output.ts';
import { requireRun } from '../run-directory.ts';

const options = (yargs: Argv) =>
  yargs
    .positional('run', { type: 'string', demandOption: true, describe: 'a run directory' })
    .option('json', { type: 'boolean', default: false, describe: 'print verdict.json' })
    .example('$0 check runs/20260101T120000Z-gate', 'the same verdict, with nothing running');

type CheckArguments = Awaited<ReturnType<typeof options>['argv']>;

export const check: CommandModule<object, CheckArguments> = {
  command: 'check <run>',
  describe: 'judge a stored run again, from its directory alone',
  builder: options,
  async handler({ run, json }) {
    const path = requireRun(run);
    const conclusion = await concludeRun(path, { stored: true });
    const { verdict } = conclusion;
    // A run that was killed has no reports yet. One that has is left as it is: it is evidence too.
    if (!existsSync(inRun(path, runFiles.manifest))) await writeConclusion(path, conclusion);
    if (json) printJson(verdict);
    else printResult(renderTerminal(verdict, { color: useColor(process.stdout), width: 80 }));
    process.exitCode = verdict.exitCode;
  },
};
