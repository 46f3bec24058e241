/**
 * etcd, one on each app server: it holds the leader key that decides which
 * database member may take writes, and the votes of the failover guards.
 *
 * Three members survive the loss of one. Everything is written to disk before
 * it counts (no `--unsafe-no-fsync`): a coordination service that forgets is
 * worse than a slow one. The election time is etcd's own: with a longer one the
 * death of its leader would outlast Patroni's patience (3 s), and a healthy
 * primary would step down. Heartbeats are as rare as it allows, a fifth of that:
 * they are most of what three servers with little to do cost.
 */
import { ports } from '../ports.ts';
import { serversOf, type Topology } from '../topology.ts';
import {
  DATA_DIRECTORY,
  type ProcessContext,
  type ProcessSpec,
  SPARING_GO,
} from './process-spec.ts';

/** Patroni writes a few keys a second; a thousand revisions are history enough. */
const KEPT_REVISIONS = 1_000;

export const etcdEndpoints = (topology: Topology): readonly string[] =>
  serversOf(topology, 'app').map(({ address }) => `http://${address}:${ports.etcdClients}`);

export const etcd = ({ topology, server }: ProcessContext): ProcessSpec => {
  const peers = serversOf(topology, 'app').map(
    ({ id, address }) => `${id}=http://${address}:${ports.etcdPeers}`,
  );
  return {
    image: 'coordination',
    command: [
      'etcd',
      `--name=${server.id}`,
      `--data-dir=${DATA_DIRECTORY}/etcd`,
      `--listen-client-urls=http://0.0.0.0:${ports.etcdClients}`,
      `--advertise-client-urls=http://${server.address}:${ports.etcdClients}`,
      `--listen-peer-urls=http://0.0.0.0:${ports.etcdPeers}`,
      `--initial-advertise-peer-urls=http://${server.address}:${ports.etcdPeers}`,
      `--initial-cluster=${peers.join(',')}`,
      '--initial-cluster-state=new',
      '--initial-cluster-token=holdfast',
      '--heartbeat-interval=200',
      '--election-timeout=1000',
      '--auto-compaction-mode=revision',
      `--auto-compaction-retention=${KEPT_REVISIONS}`,
      '--log-level=warn',
      '--logger=zap',
    ],
    environment: SPARING_GO,
    files: {},
    hasData: true,
  };
};
