/**
 * Removes what belongs to a cluster: containers, network, volumes, state
 * directory, in this order, found by label. Harmless when done twice, when
 * half of it is gone, and while another program does the same.
 */
import { readdir } from 'node:fs/promises';
import { awaitCondition } from '../await.ts';
import { HoldfastError, reasonOf } from '../errors.ts';
import type { Log } from '../images/docker-command.ts';
import { clustersDirectory } from '../paths.ts';
import { connectEngine, type Engine, ignoreHarmless } from './engine.ts';
import { isOwnerAlive, LABEL_CLUSTER } from './labels.ts';
import { listClusters } from './list-clusters.ts';
import { readState, removeState } from './state.ts';

/** Forty containers take some seconds; a busy engine several times that. */
const REMOVAL_TIMEOUT_MS = 120_000;

/** Nobody uses an orphan, so nothing but a busy engine holds it up. */
const ORPHAN_TIMEOUT_MS = 30_000;

/** One pass over everything labelled; says how much was there. */
const removePass = async (engine: Engine, id: string): Promise<number> => {
  const filters = { label: [`${LABEL_CLUSTER}=${id}`] };
  const containers = await engine.listContainers({ all: true, filters });
  await Promise.all(
    containers.map(({ Id }) =>
      ignoreHarmless(engine.getContainer(Id).remove({ force: true, v: true })),
    ),
  );
  const networks = await engine.listNetworks({ filters });
  const { Volumes: volumes } = await engine.listVolumes({ filters: JSON.stringify(filters) });
  const removed = await Promise.allSettled([
    ...networks.map(({ Id }) => ignoreHarmless(engine.getNetwork(Id).remove())),
    ...volumes.map(({ Name }) => ignoreHarmless(engine.getVolume(Name).remove())),
  ]);
  // What cannot be removed does not keep the rest.
  for (const each of removed) if (each.status === 'rejected') throw each.reason;
  return containers.length + networks.length + volumes.length;
};

export const removeCluster = async (id: string, timeoutMs = REMOVAL_TIMEOUT_MS): Promise<void> => {
  const engine = await connectEngine();
  await awaitCondition(
    async () => {
      const found = await removePass(engine, id);
      return { met: found === 0, seen: `${found} containers, networks and volumes` };
    },
    {
      what: `everything of the cluster ${id} to be gone`,
      timeoutMs,
      everyMs: 100,
      remedy: `docker ps -a --filter label=${LABEL_CLUSTER}=${id}; an engine that was overloaded may keep a network "with active endpoints" until it is restarted`,
    },
  );
  await removeState(id);
};

/** State directories whose owner is gone; an unreadable one has none. */
const abandonedStates = async (): Promise<readonly string[]> => {
  const ids = await readdir(clustersDirectory()).catch(() => []);
  const abandoned = await Promise.all(
    ids.map(async (id) => {
      try {
        return isOwnerAlive((await readState(id)).record.owner) ? [] : [id];
      } catch {
        return [id];
      }
    }),
  );
  return abandoned.flat();
};

/**
 * Removes what killed runs left: everything whose owner is dead and that was not to be kept. What
 * cannot be removed is told, and keeps nobody from starting: it has a name and a network of its own.
 */
export const removeOrphans = async (log: Log): Promise<void> => {
  const clusters = await listClusters();
  for (const { id, keep, ownerAlive, containers, networks, volumes } of clusters) {
    if (keep || ownerAlive) continue;
    log(
      `removing what a run left behind: ${id} (${containers} containers, ${networks} networks, ${volumes} volumes)`,
    );
    try {
      await removeCluster(id, ORPHAN_TIMEOUT_MS);
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      log(`could not be removed: ${reasonOf(error)}`);
    }
  }
  const present = new Set(clusters.map(({ id }) => id));
  for (const id of await abandonedStates()) {
    if (present.has(id)) continue;
    log(`removing the state of a cluster that is gone: ${id}`);
    await removeState(id);
  }
};
