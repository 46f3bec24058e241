/**
 * Watches the database cluster for the length of a run and writes every
 * change of the leader key and of a member's own view into the event log.
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
  let seenLeader: string | undefined;

  async function lookAtLeader(): Promise<void> {
    const leader = await cluster.leader(MEMBER_TIMEOUT_MS);
    if (leader === seenLeader) return;
    seenLeader = leader;
    log.write({ kind: 'leader', leader });
  }

  async function lookAtMembers(): Promise<void> {
    for (const { server, role, state, timeline } of await cluster.members(MEMBER_TIMEOUT_MS)) {
      const view = `${role} ${state} ${timeline}`;
      if (seenMembers.get(server) === view) continue;
      seenMembers.set(server, view);
      log.write({ kind: 'member', server, role, state, timeline });
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
    repeat(lookAtLeader, LEADER_EVERY_MS),
    repeat(lookAtMembers, MEMBERS_EVERY_MS),
  ]);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}
