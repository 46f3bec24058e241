/**
 * The failover guard: gives the lease of a dead primary up early.
 *
 * Why: Patroni's lease lasts at least 20 s, so a primary whose whole server is
 * gone, or cut off, stops writes for 22 s. A guard beside each database member
 * asks the leader several times a second whether it lives. When its Patroni and
 * its PostgreSQL are both silent for three rounds, or say that they stepped down
 * while etcd still names a primary there, it puts a vote into etcd,
 * under a lease of its own so that old votes vanish. With the votes of a
 * majority of the other members it fences the lease, that is, it puts a name
 * that no member has into the leader key, and a moment later deletes the key,
 * and Patroni elects.
 *
 * Why it is safe: the key is changed only if it is still the very one that was
 * voted on. A leader that lives after all and reads etcd sees the fence and
 * steps down before anybody is elected. One behind a partition cannot
 * acknowledge anything: every commit waits for a replica, and the replicas let
 * go of it at the fence, before the election, and follow the new primary after.
 *
 * It stands by while Patroni is paused, and while `/holdfast/guard-switch` in
 * etcd says `off`. More in docs/failover-guard.md.
 *
 * Limits: it helps only while etcd has a majority; with fewer than two other
 * members alive nothing happens and Patroni's own lease decides. It knows the
 * names of Patroni's keys, and that a Patroni steps down from, and lets go of,
 * a leader whose name is not in the key.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type GuardConfig, parseGuardConfig } from './config.ts';
import type { Suspicion } from './decide.ts';
import { createEtcdClient } from './etcd-client.ts';
import { createJournal, type GuardLog } from './journal.ts';
import { createMetrics, serveMetrics } from './metrics.ts';
import { type Memory, NOTHING_SEEN, playRound } from './round.ts';

/** While all is well: each round costs a guard some ms of CPU, and there are four guards. */
const CALM_ROUND_MS = 400;
/** While the leader does not work, or is fenced: refusals come at once and must not count as three rounds at once. */
const ALARMED_ROUND_MS = 250;
const ETCD_TIMEOUT_MS = 400;

const log: GuardLog = (event, fields) => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...fields })}\n`);
};

const isAlarmed = ({ idleRounds, fencedSinceMs }: Suspicion): boolean =>
  idleRounds > 0 || fencedSinceMs !== undefined;

const guard = async (config: GuardConfig, stopped: AbortSignal): Promise<void> => {
  const etcd = createEtcdClient(config.etcdEndpoints, ETCD_TIMEOUT_MS);
  const members = [...config.members.keys()];
  const metrics = createMetrics();
  using _server = serveMetrics(metrics, config.metricsPort);
  const journal = createJournal(members, metrics, log);
  let memory: Memory = NOTHING_SEEN;
  let isEtcdLost = false;
  log('started', { self: config.self, members });
  while (!stopped.aborted) {
    const roundMs = isAlarmed(memory.suspicion) ? ALARMED_ROUND_MS : CALM_ROUND_MS;
    const nextRound = delay(roundMs, undefined, { signal: stopped }).catch(() => undefined);
    const roundTaken = metrics.roundSeconds.startTimer();
    try {
      memory = await playRound(config, etcd, journal, memory);
      roundTaken();
      if (isEtcdLost) log('etcd-back', {});
      isEtcdLost = false;
    } catch (error) {
      // The next round reads them, whatever the leader says: only then is etcd back.
      memory = { ...memory, keys: undefined };
      metrics.etcdFailures.inc();
      if (!isEtcdLost) log('etcd-lost', { reason: String(error) });
      isEtcdLost = true;
    }
    await nextRound;
  }
  log('stopped', {});
};

const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
process.once('SIGINT', () => stop.abort());
await guard(parseGuardConfig(process.env), stop.signal);
