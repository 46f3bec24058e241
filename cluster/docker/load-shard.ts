/**
 * A load generator: one k6 process in a container beside the nine servers, on
 * their network. It runs as the user who runs the harness, so that what it
 * writes belongs to that user.
 */
import type { LoadShard, LoadShardOptions } from '../cluster.ts';
import { type Engine, ignoreHarmless } from './engine.ts';
import { labelsFor } from './labels.ts';
import { networkName } from './network.ts';
import { startContainer } from './planned-container.ts';
import { cutPower } from './power.ts';
import { BUSY_NETWORK_SYSCTLS, processName } from './server-containers.ts';
import type { ClusterRecord } from './state.ts';

/**
 * The generator stands outside the nine servers: it must not be what is short of time. At eight
 * times the weight of a chat server the service starved on a machine that was short of cores.
 */
const LOAD_CPU_SHARES = 3_072;

/** What a killed process's parent sees where the engine lost the container. */
const EXIT_KILLED = 137;

export const startLoadShard = async (
  engine: Engine,
  record: ClusterRecord,
  { shard, arguments: k6Arguments, environment, mounts }: LoadShardOptions,
): Promise<LoadShard> => {
  const process_ = `load/shard-${shard}`;
  const name = processName(record.id, process_);
  await ignoreHarmless(engine.getContainer(name).remove({ force: true, v: true }));
  const container = await startContainer({
    name,
    image: record.images.load,
    command: ['k6', 'run', ...k6Arguments],
    environment: { HOME: '/tmp', ...environment },
    labels: labelsFor(
      { cluster: record.id, owner: record.owner, keep: record.keep },
      { process: process_ },
    ),
    network: { kind: 'anywhere', network: networkName(record.id) },
    binds: mounts.map(
      ({ source, target, readOnly }) => `${source}:${target}${readOnly ? ':ro' : ''}`,
    ),
    openFiles: record.openFiles,
    cpuShares: LOAD_CPU_SHARES,
    sysctls: BUSY_NETWORK_SYSCTLS,
    user: `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`,
  });
  const exited = engine
    .getContainer(name)
    .wait()
    .then(
      (answer: { readonly StatusCode: number }) => answer.StatusCode,
      () => EXIT_KILLED,
    );
  const address = container.getIpAddress(networkName(record.id));
  return { shard, address, exited, kill: async () => void (await cutPower(engine, [name])) };
};
