/**
 * Containers for this room's tests: the cluster's images on a network of
 * their own, one supervised process in each, reached at the container's
 * address. Everything carries the labels by which the cluster room finds and
 * removes what is ours, so a killed test leaves nothing for long.
 *
 * The process is restarted when it ends, as a service manager would, except
 * while it is held down. So a test can kill it as roughly as it likes.
 */
import { randomUUID } from 'node:crypto';
import { GenericContainer, type StartedTestContainer } from 'testcontainers';
import { connectEngine } from '../../cluster/docker/engine.ts';
import { labelsFor, ownOwner } from '../../cluster/docker/labels.ts';
import { createNetwork, networkName } from '../../cluster/docker/network.ts';
import { removeCluster } from '../../cluster/docker/remove-cluster.ts';
import { BUSY_NETWORK_SYSCTLS } from '../../cluster/docker/server-containers.ts';
import { ensureImage } from '../../cluster/images/ensure-image.ts';
import type { ImageRole } from '../../cluster/images/image-roles.ts';

const SUPERVISOR = `
set +e
while :; do
  if [ ! -e /tmp/held ]; then "$@" & echo $! > /tmp/pid; wait $!; fi
  sleep 0.05
done`;

export interface ServiceOptions {
  readonly image: ImageRole;
  readonly command: readonly string[];
  /** Run once, before the process. */
  readonly prepare?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Host directory → path in the container, read-only. */
  readonly mounts?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  /** In the network of this one, where both are 127.0.0.1. */
  readonly beside?: Service;
}

export interface Service {
  /** The container's. */
  readonly id: string;
  readonly address: string;
  /** Runs a shell command in the container; rejects unless it exits 0. */
  shell(command: string): Promise<string>;
  /** Everything the process has written so far. */
  logs(): Promise<string>;
  /** kill -9; it is restarted at once. */
  kill(): Promise<void>;
  /** kill -9, and it stays down until disposed of. */
  holdDown(): Promise<AsyncDisposable>;
  /** Before the others are. */
  remove(): Promise<void>;
}

const serviceOf = (container: StartedTestContainer, address: string): Service => {
  async function shell(command: string): Promise<string> {
    const { exitCode, output } = await container.exec(['sh', '-c', command]);
    if (exitCode !== 0) throw new Error(`"${command}" ended with ${exitCode}: ${output}`);
    return output;
  }
  return {
    id: container.getId(),
    address,
    shell,
    async logs() {
      const engine = await connectEngine();
      const logs = await engine
        .getContainer(container.getId())
        .logs({ stdout: true, stderr: true });
      return logs.toString('utf8');
    },
    kill: async () => void (await shell('kill -9 $(cat /tmp/pid)')),
    async holdDown() {
      // With its children: a backend of PostgreSQL lives on for a moment, and commits what comes.
      await shell(
        'touch /tmp/held; pid=$(cat /tmp/pid); children=$(cat /proc/$pid/task/$pid/children); ' +
          'kill -9 $pid && { kill -9 $children 2>/dev/null || :; }',
      );
      return { [Symbol.asyncDispose]: async () => void (await shell('rm -f /tmp/held')) };
    },
    remove: async () => void (await container.stop({ remove: true })),
  };
};

/** Its network behaves as a cluster's; where it joins another's, that is settled. */
class LabContainer extends GenericContainer {
  constructor(image: string, ownsNetwork: boolean) {
    super(image);
    if (ownsNetwork) this.hostConfig.Sysctls = { ...BUSY_NETWORK_SYSCTLS };
  }
}

/** The containers of a test file; all are removed with it. */
export interface Lab extends AsyncDisposable {
  start(options: ServiceOptions): Promise<Service>;
}

export async function openLab(): Promise<Lab> {
  const id = `test-${randomUUID().slice(0, 8)}`;
  const labels = labelsFor({ cluster: id, owner: ownOwner(), keep: false });
  await createNetwork(await connectEngine(), id, labels);
  const network = networkName(id);

  async function start(options: ServiceOptions): Promise<Service> {
    const image = await ensureImage(options.image, () => undefined);
    const { beside } = options;
    const script = `${options.prepare ?? ''}${SUPERVISOR}`;
    const container = new LabContainer(image, beside === undefined)
      .withEntrypoint(['sh', '-ec', script, 'supervisor'])
      .withCommand([...options.command])
      .withNetworkMode(beside === undefined ? network : `container:${beside.id}`)
      .withEnvironment({ ...options.environment })
      .withLabels(labels)
      .withBindMounts(
        Object.entries(options.mounts ?? {}).map(([source, target]) => ({
          source,
          target,
          mode: 'ro' as const,
        })),
      );
    if (options.workingDirectory !== undefined) container.withWorkingDir(options.workingDirectory);
    const started = await container.start();
    return serviceOf(started, beside?.address ?? started.getIpAddress(network));
  }

  return { start, [Symbol.asyncDispose]: () => removeCluster(id) };
}
