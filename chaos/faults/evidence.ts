/**
 * Looking at a fault's effect from outside of it: observations that are
 * repeated until each was seen once or the time is over.
 */
import type { Cluster, ExecResult, ServerId } from '../../cluster/cluster.ts';
import { pollUntil } from '../../cluster/await.ts';
import type { Proof } from '../events.ts';
import type { FaultContext } from './fault.ts';

export interface Look {
  readonly what: string;
  look(): Promise<{ ok: boolean; seen: string }>;
}

const LOOK_EVERY_MS = 300;

/** Each effect has to be seen at least once; what was seen last stands in the proof otherwise. */
export async function observe(
  looks: readonly Look[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Proof> {
  const observations = await Promise.all(
    looks.map(async ({ what, look }) => {
      const last = await pollUntil(
        async () => {
          const { ok, seen } = await look();
          return { met: ok, seen };
        },
        { timeoutMs, everyMs: LOOK_EVERY_MS, signal },
      );
      return { what, seen: last.seen, ok: last.met };
    }),
  );
  return { bitten: observations.length > 0 && observations.every(({ ok }) => ok), observations };
}

/** Another member than `old` holds the leader key and calls itself primary on a later timeline. */
export const promotedElsewhere = (cluster: Cluster, old: ServerId, oldTimeline: number): Look => ({
  what: `another member than ${old} is promoted, on a timeline after ${oldTimeline}`,
  async look() {
    const leader = await cluster.leader(1_000);
    const member = (await cluster.members(1_000)).find(({ server }) => server === leader);
    const seen = `leader key held by ${leader || 'nobody'}, ${member?.role ?? 'no'} member on timeline ${member?.timeline ?? 0}`;
    const ok =
      leader !== '' &&
      leader !== old &&
      member?.role === 'primary' &&
      member.timeline > oldTimeline;
    return { ok, seen };
  },
});

/** The holder of the leader key calls itself primary and its Patroni answers: writes find their way. */
export const primaryVouchedFor = (cluster: Cluster): Look => ({
  what: 'the holder of the leader key answers for itself as primary',
  async look() {
    const leader = await cluster.leader(1_000);
    const member = (await cluster.members(1_000)).find(({ server }) => server === leader);
    const seen = `leader key held by ${leader || 'nobody'}, who is ${member?.role ?? 'no member'}`;
    return { ok: member?.role === 'primary', seen };
  },
});

/** Two looks at a primary that nobody reaches any more: silent, and replaced. To be made before it is struck. */
export async function outOfReach(
  { cluster }: FaultContext,
  server: ServerId,
): Promise<readonly Look[]> {
  const timeline = await timelineOf(cluster, server);
  return [
    portSilent(cluster, server, cluster.secrets.database.port),
    promotedElsewhere(cluster, server, timeline),
  ];
}

/** A port of a server does not answer, seen from the observer's own server. */
const portSilent = (cluster: Cluster, server: ServerId, port: number): Look => ({
  what: `port ${port} of ${server} does not answer the observer`,
  async look() {
    const address = cluster.servers.find(({ id }) => id === server)?.address ?? '';
    const script = `exec 3<>/dev/tcp/${address}/${port}`;
    const result = await cluster.execOnServer('observer', ['timeout', '1', 'bash', '-c', script]);
    const seen =
      result.exitCode === 0
        ? 'it answers'
        : result.exitCode === 124
          ? 'no answer within 1 s'
          : 'refused or unreachable';
    return { ok: result.exitCode !== 0, seen };
  },
});

/** None of these processes (containers) runs. */
export const notRunning = (cluster: Cluster, processes: readonly string[]): Look => ({
  what: `${processes.join(', ')}: dead`,
  async look() {
    const running = await Promise.all(processes.map((id) => cluster.isRunning(id)));
    const alive = processes.filter((_, index) => running[index] === true);
    return { ok: alive.length === 0, seen: alive.length === 0 ? 'none runs' : alive.join(', ') };
  },
});

/** What a command inside a process's container says, held against what it has to say. */
export const saysInside = (
  cluster: Cluster,
  process: string,
  command: readonly string[],
  { what, isOk }: { what: string; isOk: (result: ExecResult) => boolean },
): Look => ({
  what,
  async look() {
    const result = await cluster.execInProcess(process, command);
    const said = `${result.stdout} ${result.stderr}`.trim().replace(/\s+/g, ' ').slice(0, 200);
    return { ok: isOk(result), seen: said === '' ? `exit ${result.exitCode}` : said };
  },
});

/** Every process of that name in the container is stopped (state T). */
export const stopped = (cluster: Cluster, process: string, name: string): Look =>
  saysInside(cluster, process, ['ps', '-C', name, '-o', 'stat='], {
    what: `every process ${name} of ${process} is stopped`,
    isOk: ({ stdout }) =>
      stdout.trim() !== '' &&
      stdout
        .trim()
        .split(/\s+/)
        .every((state) => state.startsWith('T')),
  });

/** PostgreSQL on this server answers, asked from inside its container. */
export const postgresAnswers = (cluster: Cluster, server: ServerId): Look =>
  saysInside(cluster, `${server}/patroni`, ['pg_isready', '-t', '1'], {
    what: `PostgreSQL on ${server} answers`,
    isOk: ({ exitCode }) => exitCode === 0,
  });

export async function timelineOf(cluster: Cluster, server: ServerId): Promise<number> {
  const member = (await cluster.members(1_500)).find((candidate) => candidate.server === server);
  return member?.timeline ?? 0;
}
