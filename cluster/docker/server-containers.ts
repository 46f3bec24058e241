/**
 * A server as containers: a holder that owns the network namespace, with the
 * server's address and the right to set firewall rules, and one container a
 * process that joins it. Killing the holder and its processes is a power cut;
 * their data stays in volumes.
 */
import type { Component, Server, ServerId, ServerProcess } from '../cluster.ts';
import { CONFIG_DIRECTORY, DATA_DIRECTORY, type ProcessSpec } from '../components/process-spec.ts';
import { labelsFor } from './labels.ts';
import { networkName } from './network.ts';
import type { ContainerPlan } from './planned-container.ts';
import { type ClusterRecord, configDirectory } from './state.ts';

export const holderName = (cluster: string, server: ServerId): string =>
  `holdfast-${cluster}-${server}`;

/** `db1/patroni` → `holdfast-<cluster>-db1-patroni`; `load/shard-0` likewise. */
export const processName = (cluster: string, process: string): string =>
  `holdfast-${cluster}-${process.replace('/', '-')}`;

/** The volume has the name of the container whose data it holds. */
export const volumeName = processName;

/**
 * 20,000 users who come back at once must neither overflow the queue of new
 * connections nor run out of ports between an edge and a chat server. And what
 * they do about congestion is always the same: what the machine has set may cost
 * a timer for each packet (bbr). Reno is the one that every kernel has and lets
 * a container choose.
 */
export const BUSY_NETWORK_SYSCTLS = {
  'net.ipv4.tcp_congestion_control': 'reno',
  'net.core.somaxconn': '65535',
  'net.ipv4.ip_local_port_range': '10240 65535',
};

/**
 * What a holder does: nothing, after it has dropped the engine's name service rules (nobody here
 * looks names up). They alone make the kernel track every connection in every namespace, which cost
 * a twentieth of the machine at 20,000 users. The engine adds them about when it starts us.
 */
const HOLD = `for try in 1 2 3 4 5 6 7 8 9 10; do
  nft delete table ip nat 2>/dev/null && break
  sleep 0.3
done
exec sleep infinity`;

export const planHolder = (record: ClusterRecord, server: Server): ContainerPlan => ({
  name: holderName(record.id, server.id),
  image: record.images.base,
  command: ['sh', '-c', HOLD],
  environment: {},
  labels: labelsFor(
    { cluster: record.id, owner: record.owner, keep: record.keep },
    { server: server.id },
  ),
  network: { kind: 'addressed', network: networkName(record.id), address: server.address },
  binds: [],
  openFiles: record.openFiles,
  capabilities: ['NET_ADMIN'],
  sysctls: BUSY_NETWORK_SYSCTLS,
  hostname: server.id,
  hasInit: true,
});

/**
 * What keeps time for the others has a server of its own in life, or the better part of one. Here
 * it shares two cores with the load, so it goes first when cores are short: a lease that is missed
 * because a generator was busy would be an outage that no nine servers would have. No more than
 * twice: at four times the chat servers waited half a second for their turn.
 */
const CPU_SHARES: Partial<Record<Component, number>> = {
  etcd: 2_048,
  patroni: 2_048,
  guard: 2_048,
  router: 2_048,
};

export const planProcess = (
  record: ClusterRecord,
  process: ServerProcess,
  spec: ProcessSpec,
): ContainerPlan => ({
  name: processName(record.id, process.id),
  image: record.images[spec.image],
  command: spec.command,
  environment: spec.environment,
  labels: labelsFor(
    { cluster: record.id, owner: record.owner, keep: record.keep },
    { server: process.server, process: process.id },
  ),
  network: { kind: 'joined', container: holderName(record.id, process.server) },
  binds: [
    ...(Object.keys(spec.files).length > 0
      ? [`${configDirectory(record.id, process.id)}:${CONFIG_DIRECTORY}:ro`]
      : []),
    ...(spec.hasData ? [`${volumeName(record.id, process.id)}:${DATA_DIRECTORY}`] : []),
  ],
  openFiles: record.openFiles,
  cpuShares: CPU_SHARES[process.component] ?? 1_024,
  ...(spec.hasInit === true && { hasInit: true }),
  ...(spec.sharedMemoryBytes === undefined ? {} : { sharedMemoryBytes: spec.sharedMemoryBytes }),
});
