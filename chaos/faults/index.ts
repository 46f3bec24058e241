/** Every fault there is, the baseline first. `FaultKind` and the config's allowed values follow from it. */
import { cancelReplicationWait } from './cancel-replication-wait.ts';
import { clockDrift } from './clock-drift.ts';
import { clockJump } from './clock-jump.ts';
import { corruptPage } from './corrupt-page.ts';
import { cpuHog } from './cpu-hog.ts';
import { cutBetween } from './cut-between.ts';
import { cutLink } from './cut-link.ts';
import { cutOneWay } from './cut-one-way.ts';
import { cutPrimaryFromEtcd } from './cut-primary-from-etcd.ts';
import { cutPrimaryFromReplicas } from './cut-primary-from-replicas.ts';
import { delay } from './delay.ts';
import { diskFull } from './disk-full.ts';
import { drainChatServer } from './drain-chat-server.ts';
import { exhaustConnections } from './exhaust-connections.ts';
import type { Fault } from './fault.ts';
import { freezePatroni } from './freeze-patroni.ts';
import { freezePostgres } from './freeze-postgres.ts';
import { killAppServer } from './kill-app-server.ts';
import { killBalancer } from './kill-balancer.ts';
import { killChatServer } from './kill-chat-server.ts';
import { killEtcdLeader } from './kill-etcd-leader.ts';
import { killEtcdMember } from './kill-etcd-member.ts';
import { killNats } from './kill-nats.ts';
import { killPatroni } from './kill-patroni.ts';
import { killPostgres } from './kill-postgres.ts';
import { killReplica } from './kill-replica.ts';
import { killServer } from './kill-server.ts';
import { killTwoServers } from './kill-two-servers.ts';
import { limitBandwidth } from './limit-bandwidth.ts';
import { longLock } from './long-lock.ts';
import { loseAllReplicas } from './lose-all-replicas.ts';
import { loseEtcdMajority } from './lose-etcd-majority.ts';
import { memoryPressure } from './memory-pressure.ts';
import { noop } from './noop.ts';
import { packetLoss } from './packet-loss.ts';
import { pauseServer } from './pause-server.ts';
import { rebootServer } from './reboot-server.ts';
import { resetConnections } from './reset-connections.ts';
import { rollingRestartChat } from './rolling-restart-chat.ts';
import { rollingRestartDatabase } from './rolling-restart-database.ts';
import { scaleRoles } from './scale-roles.ts';
import { slowDisk } from './slow-disk.ts';
import { switchover } from './switchover.ts';
import { terminateBackends } from './terminate-backends.ts';

export const FAULTS = [
  noop,
  // Processes.
  killPostgres,
  freezePostgres,
  killPatroni,
  freezePatroni,
  killReplica,
  loseAllReplicas,
  killEtcdMember,
  killEtcdLeader,
  loseEtcdMajority,
  killNats,
  killChatServer,
  drainChatServer,
  killBalancer,
  // Servers.
  killServer,
  pauseServer,
  rebootServer,
  killAppServer,
  killTwoServers,
  // The network.
  cutLink,
  cutOneWay,
  cutBetween,
  cutPrimaryFromEtcd,
  cutPrimaryFromReplicas,
  packetLoss,
  delay,
  limitBandwidth,
  resetConnections,
  // Disk, processor, memory, clock.
  slowDisk,
  diskFull,
  corruptPage,
  cpuHog,
  memoryPressure,
  clockJump,
  clockDrift,
  // The database.
  cancelReplicationWait,
  terminateBackends,
  exhaustConnections,
  longLock,
  switchover,
  // Releases.
  rollingRestartChat,
  rollingRestartDatabase,
  scaleRoles,
] as const;

export type FaultKind = (typeof FAULTS)[number]['kind'];

const kinds = FAULTS.map(({ kind }) => kind);
export const FAULT_KINDS: readonly FaultKind[] = kinds;

export function faultOf(kind: FaultKind): Fault {
  const fault = FAULTS.find((candidate) => candidate.kind === kind);
  if (fault === undefined) throw new TypeError(`no fault is called ${kind}`);
  return fault;
}
