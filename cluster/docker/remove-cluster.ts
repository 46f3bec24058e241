/**
 * Removes what belongs to a cluster: containers, then networks and volumes, then
 * the state directory, found by label. Harmless when done twice, when
 * half of it is gone, and while another program does the same.
 */
import { readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { type Awaited, awaitCondition } from '../await.ts';
import { HoldfastError, reasonOf } from '../errors.ts';
import type { Log } from '../images/docker-command.ts';
import { clustersDirectory } from '../paths.ts';
import { connectEngine, type Engine, isMissing } from './engine.ts';
import { isOwnerAlive, LABEL_CLUSTER } from './labels.ts';
import { listClusters, listLabelled } from './list-clusters.ts';
import { readState, removeState } from './state.ts';

/** Forty containers take some seconds; a busy engine several times that. */
const REMOVAL_TIMEOUT_MS = 120_000;

/** Nobody uses an orphan, so nothing but a busy engine holds it up. */
const ORPHAN_TIMEOUT_MS = 30_000;

/** What the engine has not removed by then it is asked for again. */
const ANSWER_TIMEOUT_MS = 20_000;

/** A removal takes a quarter of a second; several times that on a busy engine. */
const TURN_MS = 2_000;

interface Part {
  /** `container holdfast-gate-db1`. */
  readonly name: string;
  readonly remove: (abortSignal: AbortSignal) => Promise<unknown>;
}

/** Resolves with what keeps the part; undefined where nothing does, as far as one knows. */
const removePart = async ({ name, remove }: Part): Promise<string | undefined> => {
  const patience = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  try {
    await remove(patience);
    return undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    if (patience.aborted) return `${name}: no answer in ${ANSWER_TIMEOUT_MS / 1_000} s`;
    return `${name}: ${reasonOf(error)}`;
  }
};

const removeAtOnce = (parts: readonly Part[]) => Promise.all(parts.map(removePart));

/**
 * For what is on a network itself. Docker up to 20.10 counts who is on one, and when several leave
 * at the same moment it can lose a leave: nobody is on the network then, but until the engine is
 * started again it keeps it as one that is in use. One that does not answer soon keeps the others
 * waiting no longer than that.
 */
const removeInTurn = async (parts: readonly Part[]) => {
  const removals: Promise<string | undefined>[] = [];
  for (const part of parts) {
    const removal = removePart(part);
    removals.push(removal);
    await Promise.race([removal, pause(TURN_MS, undefined, { ref: false })]);
  }
  return Promise.all(removals);
};

/**
 * A network is kept as long as anything is on it: a container of somebody who looks, or one that is
 * long gone and whose end a busy engine missed. By name it lets go of either.
 */
const removeNetwork = async (
  engine: Engine,
  id: string,
  abortSignal: AbortSignal,
): Promise<void> => {
  const network = engine.getNetwork(id);
  const { Containers: attached = {} } = await network.inspect();
  for (const { Name } of Object.values(attached))
    await network.disconnect({ Container: Name, Force: true, abortSignal });
  await network.remove({ abortSignal });
};

/** One pass over everything labelled; what cannot be removed does not keep the rest. */
const removePass = async (engine: Engine, id: string): Promise<Awaited> => {
  const found = await listLabelled(engine, `${LABEL_CLUSTER}=${id}`);
  const containers = found.containers.map(({ Id, Names, HostConfig }) => ({
    name: `container ${Names[0]?.slice(1) ?? Id}`,
    isJoined: HostConfig.NetworkMode.startsWith('container:'),
    remove: (abortSignal: AbortSignal) =>
      engine.getContainer(Id).remove({ force: true, v: true, abortSignal }),
  }));
  const networks = found.networks.map(({ Id, Name }) => ({
    name: `network ${Name}`,
    remove: (abortSignal: AbortSignal) => removeNetwork(engine, Id, abortSignal),
  }));
  const volumes = found.volumes.map(({ Name }) => ({
    name: `volume ${Name}`,
    remove: (abortSignal: AbortSignal) => engine.getVolume(Name).remove({ abortSignal }),
  }));
  // Containers first: they are what keeps the others.
  const kept = [
    ...(await removeAtOnce(containers.filter(({ isJoined }) => isJoined))),
    ...(await removeInTurn(containers.filter(({ isJoined }) => !isJoined))),
    ...(await removeAtOnce([...networks, ...volumes])),
  ];
  const reasons = kept.filter((reason) => reason !== undefined);
  return {
    met: kept.length === 0,
    seen: reasons.join('; ') || `${kept.length} containers, networks and volumes`,
  };
};

export const removeCluster = async (id: string, timeoutMs = REMOVAL_TIMEOUT_MS): Promise<void> => {
  const engine = await connectEngine();
  await awaitCondition(() => removePass(engine, id), {
    what: `everything of the cluster ${id} to be gone`,
    timeoutMs,
    everyMs: 100,
    remedy: `docker ps -a --filter label=${LABEL_CLUSTER}=${id}; what an overloaded engine will not let go of is gone when it is restarted`,
  });
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
