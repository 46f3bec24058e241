/**
 * One round of a guard: look into etcd, ask the leader, decide, act; and while
 * there is a next step to take, look and decide again at once. The judgement
 * is in `decide.ts`, the wire in `etcd-client.ts` and `probe.ts`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { GuardConfig } from './config.ts';
import {
  countRound,
  decide,
  type Decision,
  type Observation,
  type Suspicion,
  UNLISTED_MS_MIN,
  type Vote,
} from './decide.ts';
import type { EtcdClient } from './etcd-client.ts';
import { answers } from './probe.ts';

export type GuardLog = (event: string, fields: Readonly<Record<string, unknown>>) => void;

/** A healthy member answers within some tens of ms even when both cores are busy. */
const PROBE_TIMEOUT_MS = 500;
/** A vote outlives its voter's last round by at most this. */
const VOTE_TTL_SEC = 5;
const VOTES = '/holdfast/guard/';
const SETTLE_MS = UNLISTED_MS_MIN / 4;
/** vote, strike, settle until the others have seen it, release. */
const STEPS_MAX = 8;

interface Keys extends Omit<Observation, 'answered'> {
  /** What the leader last wrote about itself; Patroni's loops wake when it changes. */
  readonly status: string | undefined;
}

const readKeys = async (config: GuardConfig, etcd: EtcdClient): Promise<Keys> => {
  const leaderKey = `${config.scope}/leader`;
  const statusKey = `${config.scope}/status`;
  const membersPrefix = `${config.scope}/members/`;
  const [leaders = [], listed = [], statuses = [], voteKeys = []] = await etcd.readPrefixes([
    leaderKey,
    membersPrefix,
    statusKey,
    VOTES,
  ]);
  const found = leaders.find(({ key }) => key === leaderKey);
  return {
    nowMs: performance.now(),
    leader: found && { name: found.value, modRevision: found.modRevision },
    isListed: listed.some(({ key }) => key === `${membersPrefix}${found?.value}`),
    status: statuses.find(({ key }) => key === statusKey)?.value,
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

const act = async (
  config: GuardConfig,
  etcd: EtcdClient,
  log: GuardLog,
  decision: Decision,
  status: string | undefined,
): Promise<void> => {
  switch (decision.kind) {
    case 'wait':
      return;
    case 'settle':
      await delay(SETTLE_MS);
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
    case 'strike':
    case 'release': {
      const { name, modRevision } = decision.leader;
      const leaderKey = `${config.scope}/leader`;
      const isDone = await etcd.changeIfUnchanged(
        leaderKey,
        modRevision,
        decision.kind === 'release'
          ? [{ kind: 'delete', key: leaderKey }]
          : [
              { kind: 'delete', key: `${config.scope}/members/${name}` },
              // The same status with a space behind it: JSON that means the same, and a change.
              ...(status === undefined
                ? []
                : [{ kind: 'put', key: `${config.scope}/status`, value: `${status} ` } as const]),
            ],
      );
      log(decision.kind, { leader: name, modRevision, voters: decision.voters, done: isDone });
    }
  }
};

const isStep = ({ kind }: Decision): boolean =>
  kind === 'vote' || kind === 'strike' || kind === 'settle';

/** Returns what is suspected after it. */
export const playRound = async (
  config: GuardConfig,
  etcd: EtcdClient,
  log: GuardLog,
  before: Suspicion,
): Promise<Suspicion> => {
  const members = [...config.members.keys()];
  let keys = await readKeys(config, etcd);
  if (before.leader?.name !== keys.leader?.name) log('leader', { leader: keys.leader?.name ?? '' });
  const answered = keys.leader !== undefined && (await doesLeaderAnswer(config, keys.leader.name));
  let suspicion = countRound(before, { leader: keys.leader, answered });
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const judged = decide(config.self, members, suspicion, { ...keys, answered });
    suspicion = judged.suspicion;
    await act(config, etcd, log, judged.decision, keys.status);
    if (!isStep(judged.decision)) break;
    keys = await readKeys(config, etcd);
  }
  return suspicion;
};
