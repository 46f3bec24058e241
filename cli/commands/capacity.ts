/** `holdfast capacity`: the largest number of users within the objective, with or without a fault. */
import { join } from 'node:path';
import type { Argv, CommandModule } from 'yargs';
import { HoldfastError } from '../../cluster/errors.ts';
import type { FaultKind } from '../../chaos/faults/index.ts';
import { renderCapacityTerminal, renderStep } from '../../reports/capacity/terminal.ts';
import { capacityFiles } from '../../reports/capacity/write.ts';
import { runSweep } from '../capacity.ts';
import type { CapacityRequest } from '../capacity-request.ts';
import { readBeside } from '../read-beside.ts';
import { onInterrupt } from '../../cluster/interrupt.ts';
import { printJson, printResult, say } from '../output.ts';
import { parseDuration, parseFaults, planOf } from '../plan-options.ts';
import { createProgress } from '../progress.ts';

/** Half the mission's users: what does not bear that is found by going down. */
const FROM_USERS = 10_000;
const RESOLUTION_USERS = 2_500;
/** A quarter of all users send twice in it, and every generator collects its memory twice. */
const PLATEAU = '75s';

const options = (yargs: Argv) =>
  yargs
    .option('from', { type: 'number', default: FROM_USERS, describe: 'users of the first step' })
    .option('to', {
      type: 'number',
      describe: 'users at the most [what the machine’s open files allow]',
    })
    .option('resolution', {
      type: 'number',
      default: RESOLUTION_USERS,
      describe: 'how near to the knee, in users',
    })
    .option('plateau', {
      type: 'string',
      default: PLATEAU,
      describe: 'steady load of a step, like 75s',
    })
    .option('p99', {
      type: 'string',
      default: '1s',
      describe: 'acknowledgement of 99 % of the steady load, like 0.25s',
    })
    .option('under', { type: 'string', describe: 'a fault that strikes in every step' })
    .option('beside', {
      type: 'string',
      describe: 'directory of an earlier sweep, shown in the report of this one',
    })
    .option('seed', { type: 'number', describe: 'seed of population, times and texts [1]' })
    .option('config', { type: 'string', describe: 'config file [holdfast.config.ts or .json]' })
    .option('runs', { type: 'string', default: 'runs', describe: 'where run directories are made' })
    .option('json', { type: 'boolean', default: false, describe: 'print capacity.json' })
    .example('$0 capacity', 'the knee, in at most half an hour')
    .example('$0 capacity --under kill-server', 'while the primary’s server dies')
    .example('$0 capacity --under kill-server --beside runs/…', 'and the first beside it');

type CapacityArguments = Awaited<ReturnType<typeof options>['argv']>;

export const capacity: CommandModule<object, CapacityArguments> = {
  command: 'capacity',
  describe: 'find the largest number of users within the objective',
  builder: options,
  async handler(given) {
    const request = requestOf(given);
    const beside = given.beside === undefined ? null : await readBeside(given.beside);
    using interrupt = onInterrupt(say);
    using progress = createProgress(process.stderr);
    const swept = await runSweep({
      request,
      planOf: async (users) => ({
        ...(await planOf({
          config: given.config,
          users,
          duration: given.plateau,
          seed: given.seed,
          faults: request.under ?? 'none',
          name: `capacity-${users}`,
        })),
        // Limits and cache are for a run of their own: here they would only take time.
        probes: false,
      }),
      runs: given.runs,
      progress,
      signal: interrupt.signal,
      beside,
      onStep: (step) => progress.line(renderStep(step)),
    });
    if (given.json) printJson(swept.capacity);
    else {
      printResult(renderCapacityTerminal(swept.capacity));
      printResult(`report: ${join(swept.directory, capacityFiles.html)}`);
    }
    process.exitCode = swept.capacity.exitCode;
  },
};

const requestOf = (given: CapacityArguments): CapacityRequest => ({
  fromUsers: given.from,
  toUsers: given.to,
  resolutionUsers: given.resolution,
  plateauSec: parseDuration(given.plateau),
  p99MsMax: 1_000 * parseDuration(given.p99),
  under: given.under === undefined ? null : oneFault(given.under),
});

function oneFault(text: string): FaultKind {
  const [kind, ...others] = parseFaults(text);
  if (kind !== undefined && others.length === 0) return kind;
  throw new HoldfastError({
    code: 'one-fault',
    message: `--under ${text} is not one fault`,
    remedy: 'name one, as ./holdfast faults lists them; or leave --under away',
    exitCode: 64,
  });
}
