/**
 * A running cluster on Docker, seen through the `Cluster` interface. It holds
 * no state of its own: everything is read from the record, the engine or the
 * servers when it is asked for, so that two programs can hold the same cluster
 * and a killed one leaves nothing half known.
 */
import {
  isOfService,
  type BalancerTrial,
  type Cluster,
  type Moment,
  type ProcessLimits,
  type ServerId,
} from '../cluster.ts';
import { applyChatSchema, harnessLogin, loadChatTables } from '../chat-database.ts';
import { databaseOf } from '../../reference-server/placement.ts';
import { HoldfastError } from '../errors.ts';
import { readLeader, readMembers } from '../members.ts';
import { clusterDirectory } from '../paths.ts';
import { WAL_DIRECTORY } from '../components/patroni.ts';
import { ports } from '../ports.ts';
import type { Secrets } from '../secrets.ts';
import { settleAll } from '../settle-all.ts';
import { createTopology, serversOf, type Topology } from '../topology.ts';
import { tryBalancer } from './balancer-trial/try-balancer.ts';
import { isControllable, limitContainer } from './control-group.ts';
import { deployChat } from './deploy-chat.ts';
import type { Engine } from './engine.ts';
import { execIn } from './exec.ts';
import { setDiskFull } from './full-disk.ts';
import { removeLeftovers } from './leftovers.ts';
import { startLoadShard } from './load-shard.ts';
import { containerState, freeze, cutPower, sendSignal, switchOn, thaw } from './power.ts';
import { awaitBalancers, awaitChat, awaitDatabases } from './readiness.ts';
import { removeCluster } from './remove-cluster.ts';
import { holderName, processName } from './server-containers.ts';
import { authorityFile, type ClusterRecord } from './state.ts';
import { usageReader } from './usage.ts';

const known = <T extends { readonly id: string }>(things: readonly T[], id: string): T => {
  const thing = things.find((candidate) => candidate.id === id);
  if (thing !== undefined) return thing;
  throw new HoldfastError({
    code: 'unknown-target',
    message: `This cluster has no ${id}.`,
    remedy: `It has: ${things.map((candidate) => candidate.id).join(', ')}.`,
    exitCode: 64,
  });
};

export const createDockerCluster = (
  engine: Engine,
  record: ClusterRecord,
  secrets: Secrets,
): Cluster => {
  const topology: Topology = createTopology(record);
  const holder = (server: ServerId): string =>
    holderName(record.id, known(topology.servers, server).id);
  const container = (process: string): string =>
    processName(record.id, known(topology.processes, process).id);
  const containersOf = (server: ServerId): readonly string[] =>
    topology.processes
      .filter((process) => process.server === server)
      .map(({ id }) => container(id));

  const killServer = (server: ServerId): Promise<Moment> =>
    cutPower(engine, [...containersOf(server), holder(server)]);

  const startServer = async (server: ServerId): Promise<void> => {
    if ((await containerState(engine, holder(server))) === 'stopped') {
      // Processes that outlived their server's network would never find the new one.
      await cutPower(engine, containersOf(server));
    }
    await switchOn(engine, holder(server));
    await Promise.all(containersOf(server).map((name) => switchOn(engine, name)));
  };

  const limitProcess = async (
    process: string,
    { walDisk, ...limits }: ProcessLimits,
  ): Promise<void> => {
    const name = container(process);
    if (Object.keys(limits).length > 0) await limitContainer(engine, name, name, limits);
    if (walDisk !== undefined) await setDiskFull(engine, name, WAL_DIRECTORY, walDisk === 'full');
  };

  /** Only the database's members have disks of their own, and limits put on them. */
  const liftLimits = async (server: ServerId): Promise<void> => {
    const limited = topology.processes.find(
      (process) => process.server === server && process.component === 'patroni',
    );
    if (limited === undefined || !isControllable()) return;
    await limitProcess(limited.id, {
      memoryBytes: 'none',
      diskWriteBytesHz: 'none',
      walDisk: 'none',
    });
  };

  const restartChat = async (): Promise<void> => {
    const chats = topology.processes.filter(isOfService);
    await cutPower(
      engine,
      chats.map(({ id }) => container(id)),
    );
    await Promise.all(chats.map(({ id }) => switchOn(engine, container(id))));
    await awaitChat(topology, undefined);
    await awaitBalancers(topology, undefined);
  };

  return {
    id: record.id,
    servers: topology.servers,
    databases: topology.databases,
    processes: topology.processes,
    edges: serversOf(topology, 'edge').map(({ address }) => `wss://${address}:${ports.users}`),
    caFile: authorityFile(record.id),
    stateDirectory: clusterDirectory(record.id),
    harnessAddress: topology.harnessAddress,
    secrets: { tokenSecret: secrets.tokenSecret, database: harnessLogin(secrets) },

    members: (timeoutMs) => readMembers(topology, timeoutMs),
    leader: (timeoutMs, database = 0) => readLeader(topology, timeoutMs, database),
    usage: usageReader(engine, record.id),

    execOnServer: (server, command) => execIn(engine, holder(server), command),
    execInProcess: (process, command) => execIn(engine, container(process), command),

    signalProcess: (process, signal) => {
      switch (signal) {
        case 'SIGSTOP':
          return freeze(engine, container(process));
        case 'SIGCONT':
          return thaw(engine, container(process));
        case 'SIGKILL':
        case 'SIGTERM':
          return sendSignal(engine, container(process), signal);
      }
    },
    killProcesses: (processes) => cutPower(engine, processes.map(container)),
    startProcess: (process) => switchOn(engine, container(process)),
    isRunning: async (process) => (await containerState(engine, container(process))) === 'running',

    limitProcess,

    killServer,
    startServer,
    restore: async () => {
      await Promise.all(
        topology.servers.map(async ({ id }) => {
          await startServer(id);
          await removeLeftovers(engine, holder(id), containersOf(id));
          await liftLimits(id);
        }),
      );
    },

    prepareChat: async (channels) => {
      const primaries = await awaitDatabases(topology, undefined);
      await settleAll(
        primaries.map(async (id, database) => {
          const { address } = known(topology.servers, id);
          await applyChatSchema(address, harnessLogin(secrets));
          const holds = (channel: number) => databaseOf(channel, topology.databases) === database;
          await loadChatTables(address, harnessLogin(secrets), { channels, holds });
        }),
      );
      await restartChat();
    },
    deployChat: (build) => deployChat(engine, record, { topology, secrets }, build),
    startLoadShard: (options) =>
      startLoadShard(engine, record, known(topology.servers, 'observer'), options),
    tryBalancer: async (secondsEach) => {
      const [first] = await tryBalancer({ secondsEach, ways: 'first', log: () => undefined });
      return first as BalancerTrial;
    },

    [Symbol.asyncDispose]: async () => {
      if (!record.keep) await removeCluster(record.id);
    },
  };
};
