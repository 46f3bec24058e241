/**
 * One round of a guard: look into etcd, ask the leader, decide, act; and while
 * there is a next step to take, look and decide again at once. The judgement
 * is in `decide.ts`, the wire in `etcd-client.ts` and `probe.ts`.
 *
 * As long as the leader it knows says that it lives, a guard looks into etcd only
 * every other second. Whatever else is said is held against keys read after it
 * was said, and so are all decisions but to wait.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { GuardConfig } from './config.ts';
import {
  countRound,
  decide,
  type Decision,
  FENCE_MS_MIN,
  fenceOf,
  isOrdinary,
  isSameKey,
  NO_SUSPICION,
  type Observation,
  type StandBy,
  type Suspicion,
  majorityOfOthers,
  type Vote,
  type Word,
} from './decide.ts';
import type { EtcdClient } from './etcd-client.ts';
import type { Journal } from './journal.ts';
import { ask, lives, type ProbeTarget } from './probe.ts';

/** A healthy member answers within some tens of ms even when both cores are busy. */
const PROBE_TIMEOUT_MS = 500;
/** A vote outlives its voter's last round by at most this. */
const VOTE_TTL_SEC = 5;
/** If every guard dies with the fence standing, the others elect after this. */
const FENCE_TTL_SEC = 5;
const VOTES = '/holdfast/guard/';
/** `off` in this key: all guards stand by, from their next round on. */
const SWITCH = '/holdfast/guard-switch';
const SETTLE_MS = FENCE_MS_MIN / 4;
/** vote, fence, settle until the others have seen it, release. */
const STEPS_MAX = 8;

/** How old keys may be while the leader in them says that it lives. */
const CALM_KEYS_MS = 2_000;

type Keys = Omit<Observation, 'word'>;

/** From round to round. */
export interface Memory {
  readonly suspicion: Suspicion;
  /** As they were read last; undefined where something was done since, or reading failed. */
  readonly keys: Keys | undefined;
}

export const NOTHING_SEEN: Memory = { suspicion: NO_SUSPICION, keys: undefined };

/** What a member writes about itself; a text that says nothing is no claim to be primary. */
const memberSchema = z.object({ role: z.string().optional() });
const PRIMARY_ROLES = ['primary', 'master'];
const saysPrimary = (text: string): boolean => {
  try {
    return PRIMARY_ROLES.includes(memberSchema.parse(JSON.parse(text)).role ?? '');
  } catch {
    return false;
  }
};

/** Patroni's own settings: paused, it leaves the database to people, and so does the guard. */
const settingsSchema = z.object({ pause: z.boolean().nullish() });
const saysPaused = (text: string | undefined): boolean => {
  if (text === undefined) return false;
  try {
    return settingsSchema.parse(JSON.parse(text)).pause === true;
  } catch {
    return false;
  }
};

const readKeys = async (config: GuardConfig, etcd: EtcdClient): Promise<Keys> => {
  const leaderKey = `${config.scope}/leader`;
  const membersPrefix = `${config.scope}/members/`;
  const settingsKey = `${config.scope}/config`;
  const [leaders = [], listed = [], voteKeys = [], settings = [], switches = []] =
    await etcd.readPrefixes([leaderKey, membersPrefix, VOTES, settingsKey, SWITCH]);
  const found = leaders.find(({ key }) => key === leaderKey);
  const standBy = (): StandBy | undefined => {
    if (switches.some(({ key, value }) => key === SWITCH && value === 'off')) return 'switched-off';
    return saysPaused(settings.find(({ key }) => key === settingsKey)?.value)
      ? 'paused'
      : undefined;
  };
  return {
    nowMs: performance.now(),
    leader: found && { name: found.value, modRevision: found.modRevision },
    primaries: listed
      .filter(({ value }) => saysPrimary(value))
      .map(({ key }) => key.slice(membersPrefix.length)),
    votes: voteKeys.map(({ key, value }): Vote => {
      const [leader = '', voter = ''] = key.slice(VOTES.length).split('/');
      return { leader, voter, modRevision: value };
    }),
    standBy: standBy(),
  };
};

const targetOf = ({ patroniPort, postgresPort }: GuardConfig, address: string): ProbeTarget => ({
  ...{ address, patroniPort, postgresPort },
  timeoutMs: PROBE_TIMEOUT_MS,
});

/** Do so many of the members without the leader answer, this one counted, as could end its lease? */
const hearsOthers = async (config: GuardConfig, leader: string): Promise<boolean> => {
  const others = [...config.members].filter(([name]) => name !== leader && name !== config.self);
  const answers = await Promise.all(others.map(([, address]) => lives(targetOf(config, address))));
  return 1 + answers.filter(Boolean).length >= majorityOfOthers(config.members.size);
};

const askLeader = async (
  config: GuardConfig,
  leader: string,
  isSuspect: boolean,
): Promise<Word> => {
  const address = config.members.get(leader);
  // Of itself a guard knows that it lives; of a stranger it knows nothing. It judges neither.
  if (address === undefined || leader === config.self) return 'lives';
  // At the same moment, so that what holds up the one holds up the others.
  const [word, isHearing] = await Promise.all([
    ask(targetOf(config, address)),
    isSuspect ? hearsOthers(config, leader) : true,
  ]);
  return word === 'nothing' && !isHearing ? 'deaf' : word;
};

const act = async (
  config: GuardConfig,
  etcd: EtcdClient,
  journal: Journal,
  decision: Decision,
): Promise<void> => {
  const leaderKey = `${config.scope}/leader`;
  const memberKey = (name: string) => `${config.scope}/members/${name}`;
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
      return;
    }
    case 'fence': {
      const { name, modRevision } = decision.leader;
      const done = await etcd.changeIfUnchanged(leaderKey, modRevision, [
        { kind: 'delete', key: memberKey(name) },
        {
          kind: 'put',
          key: leaderKey,
          value: fenceOf(name),
          lease: await etcd.grantLease(FENCE_TTL_SEC),
        },
      ]);
      journal.changed('fence', done);
      return;
    }
    case 'release': {
      const { leader, fenced } = decision;
      const done = await etcd.changeIfUnchanged(leaderKey, leader.modRevision, [
        // One that came back in the meantime would be asked, and waited for, in the election.
        { kind: 'delete', key: memberKey(fenced) },
        { kind: 'delete', key: leaderKey },
      ]);
      journal.changed('release', done);
    }
  }
};

const isStep = ({ kind }: Decision): boolean =>
  kind === 'vote' || kind === 'fence' || kind === 'settle';

/** The remembered keys, where they will do for the leader to be asked. */
const calmKeys = ({ suspicion, keys }: Memory): Keys | undefined =>
  keys !== undefined &&
  isOrdinary(keys.leader) &&
  isSameKey(suspicion.leader, keys.leader) &&
  suspicion.idleRounds === 0 &&
  performance.now() - keys.nowMs < CALM_KEYS_MS
    ? keys
    : undefined;

/** What the leader says, and the keys to hold it against. */
const look = async (
  config: GuardConfig,
  etcd: EtcdClient,
  memory: Memory,
): Promise<{ readonly word: Word; readonly keys: Keys }> => {
  const isSuspect = memory.suspicion.idleRounds > 0;
  const hear = async ({ leader }: Keys): Promise<Word> =>
    isOrdinary(leader) ? askLeader(config, leader.name, isSuspect) : 'nothing';
  const remembered = calmKeys(memory);
  const keys = remembered ?? (await readKeys(config, etcd));
  const word = await hear(keys);
  if (remembered === undefined || word === 'lives') return { keys, word };
  const fresh = await readKeys(config, etcd);
  return { keys: fresh, word: isSameKey(fresh.leader, keys.leader) ? word : await hear(fresh) };
};

/** Returns what is to be remembered after it. */
export const playRound = async (
  config: GuardConfig,
  etcd: EtcdClient,
  journal: Journal,
  memory: Memory,
): Promise<Memory> => {
  const members = [...config.members.keys()];
  const looked = await look(config, etcd, memory);
  const { word } = looked;
  let { keys } = looked;
  let suspicion = countRound(memory.suspicion, { ...keys, word });
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const judged = decide(config.self, members, suspicion, { ...keys, word });
    suspicion = judged.suspicion;
    journal.decided(judged.decision, suspicion, keys);
    await act(config, etcd, journal, judged.decision);
    if (judged.decision.kind === 'wait') return { suspicion, keys };
    if (!isStep(judged.decision)) break;
    keys = await readKeys(config, etcd);
  }
  return { suspicion, keys: undefined };
};
