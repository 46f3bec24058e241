/**
 * Starts a cluster on Docker: images, network, state, then all servers at the
 * same time, and waits until each part says that it is ready. Whatever fails,
 * and however far it came, everything that was made is removed again.
 */
import { access } from 'node:fs/promises';
import { createEdgeCertificates } from '../authority.ts';
import { applyChatSchema, harnessLogin } from '../chat-database.ts';
import {
  isOfService,
  type Cluster,
  type RoleLayout,
  type Server,
  type ServerProcess,
} from '../cluster.ts';
import type { EdgeSecrets } from '../components/process-spec.ts';
import { renderProcess } from '../components/render-process.ts';
import { HoldfastError } from '../errors.ts';
import { ensureImages } from '../images/ensure-image.ts';
import type { Log } from '../images/docker-command.ts';
import { createSecrets, createTicketKeys, type Secrets } from '../secrets.ts';
import { settleAll } from '../settle-all.ts';
import { createTopology, serversOf, type Topology } from '../topology.ts';
import { createDockerCluster } from './docker-cluster.ts';
import { connectEngine, type Engine } from './engine.ts';
import { labelsFor, ownOwner, type Ownership } from './labels.ts';
import { createNetwork } from './network.ts';
import { readOpenFileLimit } from './open-file-limit.ts';
import { startContainer } from './planned-container.ts';
import { awaitBalancers, awaitChat, awaitDatabases } from './readiness.ts';
import { removeCluster } from './remove-cluster.ts';
import { planHolder, planProcess, volumeName } from './server-containers.ts';
import { type ClusterRecord, recordFile, writeConfig, writeState } from './state.ts';

export interface StartOptions {
  /** 1 to 40 of a-z, 0-9 and -: part of every name. */
  readonly id: string;
  readonly users: number;
  /** It stays when the harness ends. */
  readonly keep: boolean;
  /** With failover guards; default true. */
  readonly guard?: boolean;
  /** So that the wall clocks of database servers can be moved, which costs; default false. */
  readonly movableClocks?: boolean;
  /** The chat service's roles in one process on each app server, or in one each; default together. */
  readonly roles?: RoleLayout;
  /** Replicated database clusters that share the channels; default 1. */
  readonly databases?: number;
  readonly log: Log;
  readonly signal?: AbortSignal;
}

const assertUsableId = async (id: string): Promise<void> => {
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(id)) {
    throw new HoldfastError({
      code: 'bad-cluster-id',
      message: `“${id}” cannot be the name of a cluster.`,
      remedy: 'Use 1 to 40 of a-z, 0-9 and -, beginning with a letter or digit.',
      exitCode: 64,
    });
  }
  const exists = await access(recordFile(id)).then(
    () => true,
    () => false,
  );
  if (exists) {
    throw new HoldfastError({
      code: 'cluster-exists',
      message: `There is a cluster ${id} already.`,
      remedy: `Use it, or remove it: holdfast cluster down ${id}`,
      exitCode: 64,
    });
  }
};

/** Renders a process's files, makes its volume, starts its container. */
const startProcess = async (
  engine: Engine,
  record: ClusterRecord,
  process: ServerProcess,
  context: {
    readonly topology: Topology;
    readonly secrets: Secrets;
    readonly edge: EdgeSecrets;
  },
): Promise<void> => {
  const spec = renderProcess(process, context);
  await writeConfig(record.id, process.id, spec);
  if (spec.hasData) {
    await engine.createVolume({
      Name: volumeName(record.id, process.id),
      Labels: labelsFor(ownership(record), { server: process.server, process: process.id }),
    });
  }
  await startContainer(planProcess(record, process, spec));
};

const ownership = ({ id, owner, keep }: ClusterRecord): Ownership => ({ cluster: id, owner, keep });

const bringUp = async (
  engine: Engine,
  { id, users, keep, log, signal, ...options }: StartOptions,
): Promise<Cluster> => {
  const { guard = true, movableClocks = false, databases = 1, roles = 'together' } = options;
  const images = await ensureImages(log, signal);
  const began = performance.now();
  const say = (line: string): void =>
    log(`${line} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  const owner = ownOwner();
  const labels = labelsFor({ cluster: id, owner, keep });
  const openFiles = await readOpenFileLimit(engine, images.base, labels);
  const network = await createNetwork(engine, id, labels);
  const record: ClusterRecord = {
    schema: 'holdfast.cluster/1',
    ...{ id, users, openFiles, network, guard, movableClocks, databases, roles },
    ...{ keep, owner, images },
  };
  const topology = createTopology(record);
  const secrets = createSecrets();
  const certificates = await createEdgeCertificates(
    serversOf(topology, 'edge').map(({ address }) => address),
    new Date(),
  );
  await writeState(record, secrets, certificates.authority);
  say(`network ${network}.0/24, ${openFiles} open files a process`);

  const edge = { certificate: certificates.edge, ticketKeys: createTicketKeys() };
  const context = { topology, secrets, edge };
  const startServer = async (server: Server): Promise<void> => {
    signal?.throwIfAborted();
    await startContainer(planHolder(record, server));
    const processes = topology.processes.filter((process) => process.server === server.id);
    // The chat servers want their tables: they are started last.
    const early = processes.filter((process) => !isOfService(process));
    await settleAll(early.map((process) => startProcess(engine, record, process, context)));
  };
  await settleAll(topology.servers.map(startServer));
  say(`${topology.servers.length} servers with ${topology.processes.length} processes started`);

  const primaries = await awaitDatabases(topology, signal);
  for (const { address } of topology.servers.filter(({ id: server }) => primaries.includes(server)))
    await applyChatSchema(address, harnessLogin(secrets));
  say(
    databases === 1
      ? `database up: ${primaries.join()} is primary, all others stream from it`
      : `${databases} databases up: ${primaries.join(', ')} are primaries, all others stream from them`,
  );

  const chats = topology.processes.filter(isOfService);
  await settleAll(chats.map((process) => startProcess(engine, record, process, context)));
  await awaitChat(topology, signal);
  await awaitBalancers(topology, signal);
  say('chat servers ready behind both edges');
  return createDockerCluster(engine, record, secrets);
};

export const startCluster = async (options: StartOptions): Promise<Cluster> => {
  await assertUsableId(options.id);
  const engine = await connectEngine();
  try {
    return await bringUp(engine, options);
  } catch (error) {
    await removeCluster(options.id);
    throw error;
  }
};
