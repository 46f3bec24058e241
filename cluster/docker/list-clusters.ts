/** Every cluster that has left anything in the engine, from labels alone. */
import { connectEngine, type Engine } from './engine.ts';
import { isOwnerAlive, LABEL_CLUSTER, type Labels, ownershipOf } from './labels.ts';

export interface ListedCluster {
  readonly id: string;
  readonly keep: boolean;
  /** Does the process that started it still run on this machine? */
  readonly ownerAlive: boolean;
  readonly containers: number;
  readonly networks: number;
  readonly volumes: number;
}

const KINDS = ['containers', 'networks', 'volumes'] as const;

/** Everything that bears a label, running or not: `key`, or `key=value`. */
export const listLabelled = async (engine: Engine, label: string) => {
  const filters = { label: [label] };
  const [containers, networks, { Volumes: volumes }] = await Promise.all([
    engine.listContainers({ all: true, filters }),
    engine.listNetworks({ filters }),
    engine.listVolumes({ filters: JSON.stringify(filters) }),
  ]);
  return { containers, networks, volumes };
};

/** The labels of everything that is ours. */
const readLabels = async (
  engine: Engine,
): Promise<Readonly<Record<(typeof KINDS)[number], readonly Labels[]>>> => {
  const { containers, networks, volumes } = await listLabelled(engine, LABEL_CLUSTER);
  return {
    containers: containers.map(({ Labels }) => Labels),
    networks: networks.map(({ Labels }) => Labels ?? {}),
    volumes: volumes.map(({ Labels }) => Labels ?? {}),
  };
};

export const listClusters = async (): Promise<readonly ListedCluster[]> => {
  const labels = await readLabels(await connectEngine());
  const clusters = new Map<string, ListedCluster>();
  for (const kind of KINDS) {
    for (const { cluster, owner, keep } of labels[kind].map(ownershipOf)) {
      const listed = clusters.get(cluster) ?? {
        id: cluster,
        keep,
        ownerAlive: isOwnerAlive(owner),
        containers: 0,
        networks: 0,
        volumes: 0,
      };
      clusters.set(cluster, { ...listed, [kind]: listed[kind] + 1 });
    }
  }
  return [...clusters.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
};
