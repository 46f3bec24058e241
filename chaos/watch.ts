/**
 * Watches the databases for the length of a run and writes every change of a
 * leader key and of a member's own view into the event log.
 * The recovery's parts (detected, promoted) are read from these events, so
 * the polling intervals below are their resolution.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.ts';
import type { EventLog } from './event-log.ts';

/** One small read of etcd. */
const LEADER_EVERY_MS = 200;
/** Four requests to Patroni's Python REST servers, a few milliseconds of CPU each. */
const MEMBERS_EVERY_MS = 1_000;
const MEMBER_TIMEOUT_MS = 500;

export function watchDatabase(cluster: Cluster, log: EventLog): AsyncDisposable {
  const stop = new AbortController();
  const seenMembers = new Map<string, string>();
  const databases = Array.from({ length: cluster.databases }, (_, database) => database);
  const seenLeaders = new Map<number, string>();

  async function lookAtLeader(database: number): Promise<void> {
    const leader = await cluster.leader(MEMBER_TIMEOUT_MS, database);
    if (leader === seenLeaders.get(database)) return;
    seenLeaders.set(database, leader);
    log.write({ kind: 'leader', leader, database });
  }

  async function lookAtMembers(): Promise<void> {
    for (const member of await cluster.members(MEMBER_TIMEOUT_MS)) {
      const { server, role, state, timeline, database } = member;
      const view = `${role} ${state} ${timeline}`;
      if (seenMembers.get(server) === view) continue;
      seenMembers.set(server, view);
      log.write({ kind: 'member', server, role, state, timeline, database });
    }
  }

  async function repeat(look: () => Promise<void>, everyMs: number): Promise<void> {
    while (!stop.signal.aborted) {
      // Not reaching a server is an observation, which `look` reports itself; an error here is
      // the harness's own and is written down once a round instead of ending the watch.
      await look().catch((error: unknown) =>
        log.write({ kind: 'note', text: `watch: ${String(error)}` }),
      );
      await pause(everyMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  }

  const running = Promise.all([
    ...databases.map((database) => repeat(() => lookAtLeader(database), LEADER_EVERY_MS)),
    repeat(lookAtMembers, MEMBERS_EVERY_MS),
  ]);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}
