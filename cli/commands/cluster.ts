/** `holdfast cluster up|status|down`: the place where the service runs, without a run. */
import type { CommandModule } from 'yargs';
import { describeMembers } from '../../chaos/redundancy.ts';
import { ROLE_LAYOUTS, type RoleLayout } from '../../cluster/cluster.ts';
import { attachCluster } from '../../cluster/docker/attach-cluster.ts';
import { listClusters } from '../../cluster/docker/list-clusters.ts';
import { removeCluster, removeOrphans } from '../../cluster/docker/remove-cluster.ts';
import { startCluster } from '../../cluster/docker/start-cluster.ts';
import { DATABASES_MAX } from '../../cluster/topology.ts';
import { setUp } from '../../cluster/machine/set-up.ts';
import { KEPT } from '../execute-plan.ts';
import { onInterrupt } from '../../cluster/interrupt.ts';
import { printJson, printResult, say } from '../output.ts';
import { createProgress } from '../progress.ts';

interface UpArguments {
  readonly users: number;
  readonly shards: number;
  readonly 'movable-clocks': boolean;
  readonly roles: RoleLayout;
}

const up: CommandModule<object, UpArguments> = {
  command: 'up',
  describe: 'start a cluster that stays, for later runs with --keep',
  builder: (yargs) =>
    yargs
      .option('users', { type: 'number', default: 20_000, describe: 'users it has to hold' })
      .option('shards', {
        type: 'number',
        default: 1,
        choices: Array.from({ length: DATABASES_MAX }, (_, index) => index + 1),
        describe: 'replicated database clusters that share the channels',
      })
      .option('movable-clocks', {
        type: 'boolean',
        default: false,
        describe: 'for clock-jump and clock-drift; costs the database some speed',
      })
      .option('roles', {
        choices: ROLE_LAYOUTS,
        default: 'together' as const,
        describe: 'gateway, ingest and history in one process, or in one each',
      })
      .example('$0 cluster up', ''),
  async handler({ users, shards: databases, 'movable-clocks': movableClocks, roles }) {
    using interrupt = onInterrupt(say);
    using progress = createProgress(process.stderr);
    const { signal } = interrupt;
    const log = progress.line;
    await setUp({ log, signal, need: ['build-k6'] });
    await removeOrphans(log);
    const cluster = await startCluster({
      id: KEPT,
      users,
      movableClocks,
      roles,
      databases,
      keep: true,
      log,
      signal,
    });
    printResult(`cluster ${cluster.id} is up; users connect to ${cluster.edges.join(' and ')}`);
  },
};

const status: CommandModule<object, { json: boolean }> = {
  command: 'status',
  describe: 'what is up',
  builder: (yargs) =>
    yargs
      .option('json', { type: 'boolean', default: false, describe: 'print JSON' })
      .example('$0 cluster status', ''),
  async handler({ json }) {
    const clusters = await Promise.all(
      (await listClusters()).map(async (listed) => {
        try {
          const cluster = await attachCluster(listed.id);
          const members = await cluster.members(2_000);
          return { ...listed, edges: cluster.edges, members };
        } catch (error) {
          return { ...listed, edges: [], members: [], problem: String(error) };
        }
      }),
    );
    if (json) return printJson(clusters);
    if (clusters.length === 0) return printResult('no cluster is up');
    for (const { id, keep, ownerAlive, containers, members, edges, ...rest } of clusters) {
      const owner = keep ? 'kept' : ownerAlive ? 'in use by a run' : 'left by a run that is gone';
      printResult(`${id}: ${containers} containers, ${owner}`);
      if (edges.length > 0) printResult(`  users connect to ${edges.join(' and ')}`);
      for (const member of members) printResult(`  ${describeMembers([member])}`);
      if ('problem' in rest) printResult(`  ${rest.problem}`);
    }
  },
};

const down: CommandModule<object, { id: string | undefined; all: boolean }> = {
  command: 'down [id]',
  describe: 'remove a cluster and everything of it',
  builder: (yargs) =>
    yargs
      .positional('id', {
        type: 'string',
        describe: 'which one [the kept one, and what dead runs left]',
      })
      .option('all', {
        type: 'boolean',
        default: false,
        describe: 'also clusters that a run is using',
      })
      .example('$0 cluster down', ''),
  async handler({ id, all }) {
    const listed = await listClusters();
    const wanted = listed.filter((cluster) =>
      id === undefined ? all || cluster.keep || !cluster.ownerAlive : cluster.id === id,
    );
    for (const cluster of wanted) {
      await removeCluster(cluster.id);
      printResult(`${cluster.id}: removed`);
    }
    await removeOrphans(say);
    if (wanted.length === 0) printResult('nothing to remove');
  },
};

export const cluster: CommandModule = {
  command: 'cluster',
  describe: 'start, look at or remove a cluster',
  builder: (yargs) =>
    yargs.command(up).command(status).command(down).demandCommand(1, 'up, status or down?'),
  handler: () => undefined,
};
