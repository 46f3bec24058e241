/**
 * `holdfast faults`: everything that can be broken, what the service has to do
 * meanwhile, and whether this machine can do it. With `--dry-run`, on a
 * cluster that is up: the targets it would hit now, and the commands.
 */
import type { Argv, CommandModule } from 'yargs';
import { z } from 'zod';
import { describeExpectation } from '../../chaos/faults/expectation.ts';
import type { Fault } from '../../chaos/faults/fault.ts';
import { FAULTS } from '../../chaos/faults/index.ts';
import type { Ability, Mechanism } from '../../chaos/faults/mechanisms.ts';
import { NOT_HERE } from '../../chaos/faults/not-here.ts';
import { type Rehearsal, rehearse } from '../../chaos/faults/rehearse.ts';
import { HoldfastError } from '../../cluster/errors.ts';
import { attachCluster } from '../../cluster/docker/attach-cluster.ts';
import { KEPT } from '../execute-plan.ts';
import { onInterrupt } from '../../cluster/interrupt.ts';
import { printJson, printResult, say } from '../output.ts';

const options = (yargs: Argv) =>
  yargs
    .option('only', { type: 'string', describe: 'some of them, by comma' })
    .option('dry-run', {
      type: 'boolean',
      default: false,
      describe: 'targets and commands, on a cluster that is up; breaks nothing',
    })
    .option('cluster', { type: 'string', default: KEPT, describe: 'which cluster' })
    .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
    .example('$0 faults', 'all, and what this machine can do')
    .example('$0 faults --dry-run --only kill-server', 'which server it would be now');

interface FaultsArguments {
  readonly only: string | undefined;
  readonly 'dry-run': boolean;
  readonly cluster: string;
  readonly json: boolean;
}

export const faults: CommandModule<object, FaultsArguments> = {
  command: 'faults',
  describe: 'list the faults, and what this machine can do',
  builder: options,
  async handler({ only, 'dry-run': dryRun, cluster, json }) {
    using interrupt = onInterrupt(say);
    const { signal } = interrupt;
    const chosen = chooseFaults(only);
    if (dryRun) {
      const rehearsed = await rehearseAll(chosen, cluster, signal);
      if (json) return printJson(rehearsed);
      return printResult(rehearsed.map(renderRehearsal).join('\n'));
    }
    const listed = await Promise.all(chosen.map((fault) => describeFault(fault, signal)));
    const absent = only === undefined ? NOT_HERE : [];
    if (json) return printJson({ faults: listed, notTested: absent });
    printResult(listed.map(renderFault).join('\n'));
    for (const { kind, imitates, why } of absent) {
      printResult(`${kind.padEnd(KIND_WIDTH)}not tested\n    ${imitates}\n    ${why}`);
    }
  },
};

const KIND_WIDTH = 27;

function chooseFaults(only: string | undefined): readonly Fault[] {
  if (only === undefined) return FAULTS;
  return only.split(',').map((word) => {
    const fault = FAULTS.find(({ kind }) => kind === word.trim());
    if (fault !== undefined) return fault;
    throw new HoldfastError({
      code: 'unknown-fault',
      message: `there is no fault '${word.trim()}'`,
      remedy: 'holdfast faults lists them',
      exitCode: 64,
    });
  });
}

async function describeFault(fault: Fault, signal: AbortSignal) {
  const { kind, imitates, aim, failover, expects, needs } = fault;
  return {
    kind,
    imitates,
    aim,
    failover,
    expects,
    options: optionsOf(fault),
    machine: await abilityOf(needs, signal),
  };
}

/** The first thing that is missing, or not known, for a fault here; or how it is done instead. */
async function abilityOf(needs: readonly Mechanism[], signal: AbortSignal): Promise<Ability> {
  let able: Ability = { kind: 'able' };
  for (const mechanism of needs) {
    const ability = await mechanism.onMachine(signal);
    if (ability.kind !== 'able') return ability;
    if (ability.by !== undefined) able = ability;
  }
  return able;
}

/** Each option of a plan's entry with its default. */
function optionsOf({ kind, schema }: Fault): Readonly<Record<string, unknown>> {
  const { kind: _kind, ...rest } = z.record(z.string(), z.unknown()).parse(schema.parse({ kind }));
  return rest;
}

function renderFault(fault: Awaited<ReturnType<typeof describeFault>>): string {
  const given = Object.entries(fault.options)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
  const lines = [
    `${fault.kind.padEnd(KIND_WIDTH)}on ${fault.aim}${fault.failover ? ', with a failover' : ''}`,
    `    ${fault.imitates}`,
    `    expects: ${describeExpectation(fault.expects)}`,
    `    options: ${given}`,
  ];
  if (fault.machine.kind === 'able') {
    if (fault.machine.by !== undefined) lines.push(`    here ${fault.machine.by}`);
  } else {
    const verdict = fault.machine.kind === 'unable' ? 'not on this machine' : 'not known';
    lines.push(`    ${verdict}: ${fault.machine.why}`);
  }
  return lines.join('\n');
}

type Rehearsed = { readonly kind: string } & (Rehearsal | { readonly problem: string });

/** One after the other: each looks up what it needs on the same servers. */
async function rehearseAll(
  chosen: readonly Fault[],
  id: string,
  signal: AbortSignal,
): Promise<readonly Rehearsed[]> {
  await using cluster = Object.assign(await attachCluster(id), {
    // It belongs to whoever started it.
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
  const rehearsed: Rehearsed[] = [];
  for (const fault of chosen) {
    const { kind, schema } = fault;
    try {
      rehearsed.push({
        kind,
        ...(await rehearse(fault, { cluster, signal }, schema.parse({ kind }))),
      });
    } catch (error) {
      signal.throwIfAborted();
      rehearsed.push({ kind, problem: error instanceof Error ? error.message : String(error) });
    }
  }
  return rehearsed;
}

function renderRehearsal(rehearsed: Rehearsed): string {
  if ('problem' in rehearsed) return `${rehearsed.kind}\n    not now: ${rehearsed.problem}`;
  const { kind, target, legality, strikes, heals } = rehearsed;
  return [
    `${kind.padEnd(KIND_WIDTH)}on ${target}`,
    ...(legality.kind === 'illegal' ? [`    not now: ${legality.why}`] : []),
    ...strikes.map((deed) => `    ${deed}`),
    ...heals.map((deed) => `    heal: ${deed}`),
  ].join('\n');
}
