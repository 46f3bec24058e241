/**
 * `holdfast check RUN…`: judge runs again from their directories alone. Of
 * several, each is judged by itself, and then all together: failovers add up.
 */
import { existsSync } from 'node:fs';
import type { Argv, CommandModule } from 'yargs';
import { HoldfastError } from '../../cluster/errors.ts';
import { inRun, runFiles } from '../../chaos/run-directory.ts';
import { renderTogether } from '../../reports/terminal-together.ts';
import { renderTerminal } from '../../reports/terminal.ts';
import { together } from '../../reports/together.ts';
import type { Verdict } from '../../reports/verdict.ts';
import { concludeRun, writeConclusion } from '../conclude-run.ts';
import { printJson, printResult, useColor } from '../output.ts';
import { requireRun } from '../run-directory.ts';

const options = (yargs: Argv) =>
  yargs
    .positional('runs', {
      type: 'string',
      array: true,
      demandOption: true,
      describe: 'run directories',
    })
    .option('json', {
      type: 'boolean',
      default: false,
      describe: 'print verdict.json; of several runs what they show together, and each verdict',
    })
    .example('$0 check runs/20260101T120000Z-gate', 'the same verdict, with nothing running')
    .example('$0 check runs/*-gate', 'several: how sure are we by all of them?');

type CheckArguments = Awaited<ReturnType<typeof options>['argv']>;

export const check: CommandModule<object, CheckArguments> = {
  command: 'check <runs..>',
  describe: 'judge stored runs again, from their directories alone',
  builder: options,
  async handler({ runs, json }) {
    const paths = runs.map(requireRun);
    const verdicts: Verdict[] = [];
    // One after the other: each takes the memory of its ledgers.
    for (const path of paths) verdicts.push(await checkOne(path));
    const [only] = verdicts;
    if (verdicts.length === 1 && only !== undefined) {
      if (json) printJson(only);
      else printResult(renderTerminal(only, { color: useColor(process.stdout), width: 80 }));
      process.exitCode = only.exitCode;
      return;
    }
    requireDifferent(verdicts);
    const all = together(verdicts);
    if (json) printJson({ ...all, verdicts });
    else printResult(renderTogether(all));
    process.exitCode = all.exitCode;
  },
};

async function checkOne(path: string): Promise<Verdict> {
  const conclusion = await concludeRun(path, { stored: true });
  // A run that was killed has no reports yet. One that has is left as it is: it is evidence too.
  if (!existsSync(inRun(path, runFiles.verdict))) await writeConclusion(path, conclusion);
  return conclusion.verdict;
}

/** A run that is counted twice would make the bound tighter than it is. */
function requireDifferent(verdicts: readonly Verdict[]): void {
  const seen = new Set<string>();
  for (const { run, window } of verdicts) {
    const identity = `${run} ${window.from}`;
    if (seen.has(identity)) {
      throw new HoldfastError({
        code: 'run-twice',
        message: `${run} was named twice, perhaps as a copy: failovers count once`,
        remedy: 'name each run once',
        exitCode: 64,
      });
    }
    seen.add(identity);
  }
}
