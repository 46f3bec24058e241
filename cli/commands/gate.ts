/** `holdfast gate`: the release gate. Cluster, load, faults, verdict, report. */
import type { Argv, CommandModule } from 'yargs';
import { inRun, runFiles } from '../../chaos/run-directory.ts';
import { ROLE_LAYOUTS } from '../../cluster/cluster.ts';
import { SHAPE_KINDS } from '../../scenarios/shapes/index.ts';
import { renderTerminal } from '../../reports/terminal.ts';
import { executePlan } from '../execute-plan.ts';
import { onInterrupt } from '../../cluster/interrupt.ts';
import { printJson, printResult, say, useColor } from '../output.ts';
import { planOf } from '../plan-options.ts';
import { createProgress } from '../progress.ts';

const options = (yargs: Argv) =>
  yargs
    .option('users', { type: 'number', describe: 'users connected at once [20000]' })
    .option('duration', {
      type: 'string',
      describe: 'steady load before the first fault, like 60s [3m]',
    })
    .option('faults', {
      type: 'string',
      describe: 'faults in their order, by comma, or none [kill-postgres,kill-server,cut-link]',
    })
    .option('shape', {
      type: 'string',
      describe: `shape of the load: ${SHAPE_KINDS.join(', ')} [steady]`,
    })
    .option('seed', { type: 'number', describe: 'seed of population, times and texts [1]' })
    .option('shards', {
      type: 'number',
      describe: 'replicated database clusters that share the channels [1]',
    })
    .option('guard', {
      type: 'boolean',
      describe: 'the failover guard; --no-guard shows what Patroni does by itself [true]',
    })
    .option('roles', {
      type: 'string',
      choices: ROLE_LAYOUTS,
      describe:
        'gateway, ingest and history in one process, or in one each [together, unless a fault scales them]',
    })
    .option('config', { type: 'string', describe: 'config file [holdfast.config.ts or .json]' })
    .option('runs', { type: 'string', default: 'runs', describe: 'where run directories are made' })
    .option('keep', {
      type: 'boolean',
      default: false,
      describe: 'keep the cluster, and take up a kept one',
    })
    .option('json', { type: 'boolean', default: false, describe: 'print verdict.json' })
    .example('$0 gate', '20,000 users, three faults')
    .example('$0 gate --shape spike', 'five times the rate for a minute, nothing broken')
    .example('$0 gate --roles apart --faults scale-roles', 'ingest and history scaled meanwhile')
    .example('$0 gate --shards 2 --users 5000', 'two databases, the first one loses its primary')
    .example('$0 gate --users 500 --duration 60s', 'a small one, under 4 minutes');

type GateArguments = Awaited<ReturnType<typeof options>['argv']>;

export const gate: CommandModule<object, GateArguments> = {
  command: 'gate',
  describe: 'run the release gate: load, faults, verdict, report',
  builder: options,
  async handler(given) {
    const plan = await planOf({
      config: given.config,
      users: given.users,
      duration: given.duration,
      faults: given.faults,
      shape: given.shape,
      seed: given.seed,
      guard: given.guard,
      roles: given.roles,
      shards: given.shards,
      name: 'gate',
    });
    using interrupt = onInterrupt(say);
    using progress = createProgress(process.stderr);
    const { runs, keep } = given;
    const { run, verdict } = await executePlan({
      plan,
      runs,
      keep,
      progress,
      signal: interrupt.signal,
    });
    if (given.json) printJson(verdict);
    else {
      printResult(renderTerminal(verdict, { color: useColor(process.stdout), width: 80 }));
      printResult(`report: ${inRun(run.path, runFiles.report)}`);
    }
    process.exitCode = verdict.exitCode;
  },
};
