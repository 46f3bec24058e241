/**
 * A load generator: one k6 process in a container of its own, joined to the
 * observer, which stands beside the nine servers on their network. A network
 * namespace of its own would bring the engine's name service rules with it
 * (see `server-containers.ts`), and every connection would be tracked.
 *
 * It runs as the user who runs the harness, so that what it writes belongs to
 * that user.
 */
import type { LoadShard, LoadShardOptions, Server } from '../cluster.ts';
import { AS_BATCH } from '../components/process-spec.ts';
import { type Engine, ignoreHarmless } from './engine.ts';
import { labelsFor } from './labels.ts';
import { startContainer } from './planned-container.ts';
import { cutPower } from './power.ts';
import { holderName, processName } from './server-containers.ts';
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
  observer: Server,
  { shard, arguments: k6Arguments, environment, mounts }: LoadShardOptions,
): Promise<LoadShard> => {
  const process_ = `load/shard-${shard}`;
  const name = processName(record.id, process_);
  await ignoreHarmless(engine.getContainer(name).remove({ force: true, v: true }));
  await startContainer({
    name,
    image: record.images.load,
    command: [...AS_BATCH, 'k6', 'run', ...k6Arguments],
    environment: { HOME: '/tmp', ...environment },
    labels: labelsFor(
      { cluster: record.id, owner: record.owner, keep: record.keep },
      { process: process_ },
    ),
    network: { kind: 'joined', container: holderName(record.id, observer.id) },
    binds: mounts.map(
      ({ source, target, readOnly }) => `${source}:${target}${readOnly ? ':ro' : ''}`,
    ),
    openFiles: record.openFiles,
    cpuShares: LOAD_CPU_SHARES,
    user: `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`,
  });
  const exited = engine
    .getContainer(name)
    .wait()
    .then(
      (answer: { readonly StatusCode: number }) => answer.StatusCode,
      () => EXIT_KILLED,
    );
  const { address } = observer;
  return { shard, address, exited, kill: async () => void (await cutPower(engine, [name])) };
};
