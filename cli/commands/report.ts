/** `holdfast report RUN`: write a stored run's reports anew and say where they are. */
import type { CommandModule } from 'yargs';
import { inRun, runFiles } from '../../chaos/run-directory.ts';
import { concludeRun, writeConclusion } from '../conclude-run.ts';
import { printResult } from '../output.ts';
import { requireRun } from '../run-directory.ts';

export const report: CommandModule<object, { run: string }> = {
  command: 'report <run>',
  describe: 'write the reports of a stored run anew',
  builder: (yargs) =>
    yargs
      .positional('run', { type: 'string', demandOption: true, describe: 'a run directory' })
      .example('$0 report runs/20260101T120000Z-gate', ''),
  async handler({ run }) {
    const path = requireRun(run);
    await writeConclusion(path, await concludeRun(path, { stored: true }));
    printResult(
      [runFiles.report, runFiles.summary, runFiles.junit]
        .map((file) => inRun(path, file))
        .join('\n'),
    );
  },
};
