/**
 * What faults need of the kernel, and how to find out whether it is there: by
 * trying it, on this machine in a network namespace made for the trial, or in
 * a cluster on the observer's own server, which carries no traffic of users.
 * Every trial undoes itself.
 */
import { rolesOf, type Cluster } from '../../cluster/cluster.ts';
import { CLOCK_LIBRARY } from '../../cluster/components/movable-clock.ts';
import { isControllable } from '../../cluster/docker/control-group.ts';
import { fillDisk } from '../../cluster/docker/full-disk.ts';
import { lastLines } from '../../cluster/machine/command.ts';
import {
  bites,
  type NamespaceTrial,
  tryInNamespace,
} from '../../cluster/machine/checks/namespace-probe.ts';

export type Ability =
  /** `by`: told where it is done by other means than usual. */
  | { readonly kind: 'able'; readonly by?: string }
  /** `why`: what was tried and what the machine said. */
  | { readonly kind: 'unable' | 'unknown'; readonly why: string };

export interface Mechanism {
  readonly id: string;
  /** Without a cluster. */
  onMachine(signal: AbortSignal): Promise<Ability>;
  /** Where it will be used. */
  inCluster(cluster: Cluster): Promise<Ability>;
}

/** It takes some ms. */
const TRIAL_TIMEOUT_MS = 10_000;

const unable = (id: string, said: string): Ability => ({
  kind: 'unable',
  why: `no ${id} here: ${said}`,
});

function abilityFrom(id: string, trial: NamespaceTrial): Ability {
  if (bites(trial)) return { kind: 'able' };
  switch (trial.kind) {
    case 'ran':
      return unable(id, lastLines(trial.outcome, 1));
    case 'not-installed':
      return { kind: 'unknown', why: `${trial.program} is not installed here to try it` };
    case 'untried':
      return { kind: 'unknown', why: trial.reason };
  }
}

/** A trial that succeeds exactly where the mechanism is there. */
const namespaceTrial = (id: string, program: string, script: string): Mechanism => ({
  id,
  onMachine: async (signal) => abilityFrom(id, await tryInNamespace(program, script, signal)),
  async inCluster(cluster) {
    const { exitCode, stderr } = await cluster.execOnServer('observer', ['sh', '-c', script]);
    return exitCode === 0 ? { kind: 'able' } : unable(id, stderr.trim());
  },
});

/** A rule in a table of the trial's own, on packets that do not exist (RFC 5737). */
const ruleTrial = (rule: string): string =>
  `nft -f - <<RULES && nft delete table inet holdfast_trial
table inet holdfast_trial {
  chain trial { type filter hook input priority 0; policy accept;
    ip saddr 192.0.2.1 ${rule}
  }
}
RULES`;

export const packetFilter = namespaceTrial('nftables', 'nft', ruleTrial('counter drop'));

export const randomDrop = namespaceTrial(
  'random choice in nftables (numgen)',
  'nft',
  ruleTrial('numgen random mod 100 < 1 counter drop'),
);

export const resetPackets = namespaceTrial(
  'resets by nftables (reject)',
  'nft',
  ruleTrial('meta l4proto tcp counter reject with tcp reset'),
);

export const delayQueue = namespaceTrial(
  'netem in the kernel, which delays packets',
  'tc',
  'tc qdisc add dev lo root netem delay 1ms && tc qdisc del dev lo root',
);

/** For what leads connections elsewhere. */
const diversion = namespaceTrial(
  'diversion of connections by nftables (nat)',
  'nft',
  `nft -f - <<RULES && nft delete table inet holdfast_trial
table inet holdfast_trial {
  chain trial { type nat hook prerouting priority dstnat; policy accept;
    ip saddr 192.0.2.1 tcp dport 9 redirect to :9
  }
}
RULES`,
);

/** One after the other: the second where the first is not, and it is said so. */
const orElse = (first: Mechanism, second: Mechanism, by: string): Mechanism => {
  const either = async (ask: (mechanism: Mechanism) => Promise<Ability>): Promise<Ability> => {
    const usual = await ask(first);
    if (usual.kind !== 'unable') return usual;
    const other = await ask(second);
    return other.kind === 'able' ? { kind: 'able', by: `${by}: ${usual.why}` } : usual;
  };
  return {
    id: first.id,
    onMachine: (signal) => either((mechanism) => mechanism.onMachine(signal)),
    inCluster: (cluster) => either((mechanism) => mechanism.inCluster(cluster)),
  };
};

export const delays = orElse(delayQueue, diversion, 'by a proxy before PostgreSQL');

export const rateQueue = namespaceTrial(
  'tbf in the kernel, which limits bandwidth',
  'tc',
  'tc qdisc add dev lo root tbf rate 1gbit burst 1mb latency 50ms && tc qdisc del dev lo root',
);

const mayLimit = async (): Promise<Ability> =>
  isControllable()
    ? { kind: 'able' }
    : { kind: 'unable', why: 'no control groups here that we may write to; it takes root' };

/** Limits on memory and disk of what runs. */
export const controlGroups: Mechanism = {
  id: 'control groups',
  onMachine: mayLimit,
  inCluster: mayLimit,
};

/** In a memory file system of the trial's own; of what is written there not one byte may fit. */
const FULL_DISK_TRIAL = `room=$(mktemp -d)
trap 'umount -l "$room"; rmdir "$room"' EXIT
mount -t tmpfs trial "$room" && mkdir "$room/wal" && chmod 0700 "$room/wal"
${fillDisk('"$room"/wal', '"$room"/layers')}
! (echo 1 > "$room"/wal/probe) 2>/dev/null`;

const FULL_DISKS = 'overlay in a mount namespace, which fills a directory';

const mayFill = async (signal: AbortSignal): Promise<Ability> =>
  abilityFrom(FULL_DISKS, await tryInNamespace('nsenter', FULL_DISK_TRIAL, signal, 'mount'));

/** It is done by us from outside the containers, so a cluster makes no difference. */
export const fullDisks: Mechanism = {
  id: FULL_DISKS,
  onMachine: mayFill,
  inCluster: () => mayFill(AbortSignal.timeout(TRIAL_TIMEOUT_MS)),
};

/** A cluster has it when it was started so. */
export const rolesApart: Mechanism = {
  id: 'roles of the chat service in processes of their own',
  onMachine: () => Promise.resolve({ kind: 'able' }),
  inCluster: (cluster) =>
    Promise.resolve(
      rolesOf(cluster) === 'apart'
        ? { kind: 'able' }
        : unable('roles apart', 'the cluster was started without --roles apart'),
    ),
};

/** A cluster has them when it was started for them: what counts is what Patroni was started with. */
export const movableClocks: Mechanism = {
  id: 'clocks that can be moved',
  onMachine: () => Promise.resolve({ kind: 'able' }),
  async inCluster(cluster) {
    const member = cluster.processes.find(({ component }) => component === 'patroni')?.id ?? '';
    const look = ['grep', '-q', CLOCK_LIBRARY, '/proc/1/cmdline'];
    const { exitCode } = await cluster.execInProcess(member, look);
    return exitCode === 0
      ? { kind: 'able' }
      : unable('clocks that can be moved', 'the cluster was started without --movable-clocks');
  },
};
