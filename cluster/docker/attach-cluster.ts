/** Attaches to a cluster that another program started and kept. */
import type { Cluster } from '../cluster.ts';
import { HoldfastError } from '../errors.ts';
import { createDockerCluster } from './docker-cluster.ts';
import { connectEngine } from './engine.ts';
import { containerState } from './power.ts';
import { holderName } from './server-containers.ts';
import { readState } from './state.ts';

export const attachCluster = async (id: string): Promise<Cluster> => {
  const { record, secrets } = await readState(id);
  const engine = await connectEngine();
  const cluster = createDockerCluster(engine, record, secrets);
  const states = await Promise.all(
    cluster.servers.map(({ id: server }) => containerState(engine, holderName(id, server))),
  );
  const missing = cluster.servers.filter((_, index) => states[index] === 'missing');
  if (missing.length > 0) {
    throw new HoldfastError({
      code: 'cluster-incomplete',
      message: `The cluster ${id} has lost ${missing.map((server) => server.id).join(', ')}.`,
      remedy: `holdfast cluster down ${id}, then start a new one.`,
    });
  }
  return cluster;
};
