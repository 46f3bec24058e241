/**
 * The failover guard: gives the lease of a dead primary up early.
 *
 * Why: Patroni's lease lasts at least 20 s, so a primary whose whole server is
 * gone, or cut off, stops writes for 22 s. A guard beside each database member
 * asks the leader four times a second whether it lives. When its Patroni and
 * its PostgreSQL are both silent for three rounds, it puts a vote into etcd,
 * under a lease of its own so that old votes vanish. With the votes of a
 * majority of the other members it deletes the leader key, and Patroni elects.
 *
 * Why it is safe: the key is deleted only if it is still the very one that was
 * voted on. If the leader lives after all, it takes the key again. If it lives
 * behind a partition, it cannot acknowledge anything: every commit waits for a
 * replica, and the replicas follow the new primary.
 *
 * Limits: it helps only while etcd has a majority; with fewer than two other
 * members alive nothing happens and Patroni's own lease decides.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { type GuardConfig, parseGuardConfig } from './config.ts';
import { decide, type Decision, NO_SUSPICION, type Observation, type Vote } from './decide.ts';
import { createEtcdClient, type EtcdClient } from './etcd-client.ts';
import { answers } from './probe.ts';

const ROUND_MS = 250;
const PROBE_TIMEOUT_MS = 500;
const ETCD_TIMEOUT_MS = 400;
/** A vote outlives its voter's last round by at most this. */
const VOTE_TTL_SEC = 5;
const VOTES = '/holdfast/guard/';

const log = (event: string, fields: Readonly<Record<string, unknown>>): void => {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...fields })}\n`);
};

const leaderKeyOf = (config: GuardConfig): string => `${config.scope}/leader`;

const readKeys = async (
  config: GuardConfig,
  etcd: EtcdClient,
): Promise<Omit<Observation, 'answered'>> => {
  const [leaders = [], voteKeys = []] = await etcd.readPrefixes([leaderKeyOf(config), VOTES]);
  const found = leaders.find(({ key }) => key === leaderKeyOf(config));
  return {
    leader: found && { name: found.value, modRevision: found.modRevision },
    votes: voteKeys.map(({ key, value }): Vote => {
      const [leader = '', voter = ''] = key.slice(VOTES.length).split('/');
      return { leader, voter, modRevision: value };
    }),
  };
};

const doesLeaderAnswer = async (config: GuardConfig, leader: string): Promise<boolean> => {
  const address = config.members.get(leader);
  // Of itself a guard knows that it lives; of a stranger it knows nothing. It judges neither.
  if (address === undefined || leader === config.self) return true;
  const { patroniPort, postgresPort } = config;
  return answers({ address, patroniPort, postgresPort, timeoutMs: PROBE_TIMEOUT_MS });
};

const act = async (config: GuardConfig, etcd: EtcdClient, decision: Decision): Promise<void> => {
  switch (decision.kind) {
    case 'wait':
      return;
    case 'vote':
    case 'withdraw': {
      const { name, modRevision } = decision.leader;
      const key = `${VOTES}${name}/${config.self}`;
      if (decision.kind === 'vote') await etcd.putWithLease(key, modRevision, VOTE_TTL_SEC);
      else await etcd.delete(key);
      log(decision.kind, { leader: name, modRevision });
      return;
    }
    case 'release': {
      const { name, modRevision } = decision.leader;
      // Its member key goes as well: the election would wait for an answer of the dead member.
      const released = await etcd.deleteIfUnchanged(leaderKeyOf(config), modRevision, [
        leaderKeyOf(config),
        `${config.scope}/members/${name}`,
      ]);
      log('release', { leader: name, modRevision, voters: decision.voters, released });
    }
  }
};

const guard = async (config: GuardConfig, stopped: AbortSignal): Promise<void> => {
  const etcd = createEtcdClient(config.etcdEndpoints, ETCD_TIMEOUT_MS);
  const members = [...config.members.keys()];
  let suspicion = NO_SUSPICION;
  let isEtcdLost = false;
  log('started', { self: config.self, members });
  while (!stopped.aborted) {
    const nextRound = delay(ROUND_MS, undefined, { signal: stopped }).catch(() => undefined);
    try {
      const keys = await readKeys(config, etcd);
      if (suspicion.leader?.name !== keys.leader?.name) {
        log('leader', { leader: keys.leader?.name ?? '' });
      }
      const answered =
        keys.leader !== undefined && (await doesLeaderAnswer(config, keys.leader.name));
      let judged = decide(config.self, members, suspicion, { ...keys, answered });
      await act(config, etcd, judged.decision);
      if (judged.decision.kind === 'vote') {
        // This vote may be the one that was missing: look again at once, without a new probe.
        const after = { ...(await readKeys(config, etcd)), answered };
        judged = decide(config.self, members, judged.suspicion, after);
        if (judged.decision.kind === 'release') await act(config, etcd, judged.decision);
      }
      suspicion = judged.suspicion;
      if (isEtcdLost) log('etcd-back', {});
      isEtcdLost = false;
    } catch (error) {
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
