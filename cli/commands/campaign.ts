/**
 * `holdfast campaign`: many failovers, one after the other, under load. What
 * one gate cannot say, many failovers can: how rare a loss is at most, and how
 * recovery times spread.
 */
import type { Argv, CommandModule } from 'yargs';
import { FAULT_KINDS, type FaultKind } from '../../chaos/faults/index.ts';
import { drawFaults } from '../../chaos/planned-faults.ts';
import { inRun, runFiles } from '../../chaos/run-directory.ts';
import { HoldfastError } from '../../cluster/errors.ts';
import { renderTerminal } from '../../reports/terminal.ts';
import { executePlan } from '../execute-plan.ts';
import { onInterrupt } from '../../cluster/interrupt.ts';
import { printJson, printResult, say, useColor } from '../output.ts';
import { parseFaults, planOf } from '../plan-options.ts';
import { createProgress } from '../progress.ts';

/** Ten failovers a kind and a quarter of the gate's users: half an hour on two cores. */
const USERS = 5_000;
const FAILOVERS = 60;
const STEADY = '15s';
const SEED = 1;

/**
 * Faults after which another member has to be promoted, and which a cluster of four survives. Those
 * that take more than one server or most of etcd are there to be asked for.
 */
const KINDS = [
  'kill-postgres',
  'freeze-postgres',
  'kill-server',
  'pause-server',
  'reboot-server',
  'cut-link',
  'cut-one-way',
  'cut-primary-from-etcd',
  'switchover',
] as const satisfies readonly FaultKind[];

type Weights = Partial<Record<FaultKind, number>>;

const options = (yargs: Argv) =>
  yargs
    .option('failovers', { type: 'number', default: FAILOVERS, describe: 'how many' })
    .option('users', { type: 'number', default: USERS, describe: 'users connected at once' })
    .option('seed', { type: 'number', default: SEED, describe: 'which faults in which order' })
    .option('faults', {
      type: 'string',
      default: KINDS.join(','),
      describe: 'kinds to draw from, by comma; one named twice comes twice as often',
    })
    .option('pause', { type: 'string', describe: 'after each fault was healed, like 5s [5s]' })
    .option('guard', {
      type: 'boolean',
      describe: 'the failover guard; --no-guard shows what Patroni does by itself [true]',
    })
    .option('config', { type: 'string', describe: 'config file [holdfast.config.ts or .json]' })
    .option('runs', { type: 'string', default: 'runs', describe: 'where run directories are made' })
    .option('keep', {
      type: 'boolean',
      default: false,
      describe: 'keep the cluster, and take up a kept one',
    })
    .option('list', {
      type: 'boolean',
      default: false,
      describe: 'only print the faults in their order',
    })
    .option('json', { type: 'boolean', default: false, describe: 'print verdict.json' })
    .example('$0 campaign --failovers 60 --seed 7', 'about half an hour')
    .example('$0 check runs/*-campaign', 'what several campaigns say together');

type CampaignArguments = Awaited<ReturnType<typeof options>['argv']>;

/** Kinds by how often they were named. */
function weightsOf(faults: string): Weights {
  const weights: Weights = {};
  for (const kind of parseFaults(faults)) weights[kind] = (weights[kind] ?? 0) + 1;
  if (Object.keys(weights).length > 0) return weights;
  throw new HoldfastError({
    code: 'no-faults',
    message: '--faults none leaves a campaign nothing to do',
    remedy: `use some of ${FAULT_KINDS.join(', ')}`,
    exitCode: 64,
  });
}

function requireCount(failovers: number): number {
  if (Number.isInteger(failovers) && failovers >= 1) return failovers;
  throw new HoldfastError({
    code: 'bad-failovers',
    message: `--failovers ${failovers} is not a number of failovers`,
    remedy: 'use a whole number from 1',
    exitCode: 64,
  });
}

export const campaign: CommandModule<object, CampaignArguments> = {
  command: 'campaign',
  describe: 'many failovers under load, drawn from a seed: how rare is a loss at most?',
  builder: options,
  async handler(given) {
    const weights = weightsOf(given.faults);
    const schedule = drawFaults(given.seed, weights, requireCount(given.failovers));
    const plan = await planOf({
      config: given.config,
      users: given.users,
      duration: STEADY,
      faults: schedule.map(({ kind }) => kind).join(','),
      seed: given.seed,
      guard: given.guard,
      name: 'campaign',
      pause: given.pause,
      campaign: { weights },
    });
    if (given.list) {
      printResult(schedule.map(({ kind }, index) => `${index + 1} ${kind}`).join('\n'));
      return;
    }
    using interrupt = onInterrupt(say);
    using progress = createProgress(process.stderr);
    const { runs, keep } = given;
    const { signal } = interrupt;
    const { run, verdict } = await executePlan({ plan, runs, keep, progress, signal });
    if (given.json) printJson(verdict);
    else {
      printResult(renderTerminal(verdict, { color: useColor(process.stdout), width: 80 }));
      printResult(`report: ${inRun(run.path, runFiles.report)}`);
    }
    process.exitCode = verdict.exitCode;
  },
};
