/**
 * Is every database whole? One primary, every other member a streaming replica
 * on the same timeline. What a fault is measured against, before and after.
 */
import type { Cluster, Member } from '../cluster/cluster.ts';
import { awaitCondition, type Awaited } from '../cluster/await.ts';
import { LAG_ON_FAILOVER_BYTES_MAX } from '../cluster/components/patroni.ts';

const MEMBER_TIMEOUT_MS = 1_500;

/** As PostgreSQL writes it. */
const lsnOf = (position: number): string =>
  `${Math.floor(position / 2 ** 32).toString(16)}/${(position % 2 ** 32).toString(16)}`.toUpperCase();

/** Whether a replica lacks a connection, or has WAL that it cannot replay. */
const whyNotStreaming = ({ role, state, walPosition, replayPosition }: Member): string =>
  role === 'replica' && state !== 'streaming'
    ? ` (received ${lsnOf(walPosition)}, replayed ${lsnOf(replayPosition)})`
    : '';

export const describeMembers = (members: readonly Member[]): string =>
  members
    .map((member) => {
      const { server, role, state, timeline } = member;
      return `${server} ${role} ${state || '-'} timeline ${timeline}${whyNotStreaming(member)}`;
    })
    .join('; ');

export function isWhole(members: readonly Member[]): boolean {
  const primary = members.find(({ role }) => role === 'primary');
  if (primary === undefined || primary.state !== 'running') return false;
  return members.every(
    (member) =>
      member === primary ||
      (member.role === 'replica' &&
        // A replica streams a moment before it can be elected.
        member.inQuorum &&
        member.state === 'streaming' &&
        member.timeline === primary.timeline &&
        primary.walPosition - member.walPosition <= LAG_ON_FAILOVER_BYTES_MAX),
  );
}

export async function lookAtRedundancy(cluster: Cluster): Promise<Awaited> {
  const members = await cluster.members(MEMBER_TIMEOUT_MS);
  const looks = await Promise.all(
    databasesIn(members).map(async ([database, own]) => {
      const leader = await cluster.leader(MEMBER_TIMEOUT_MS, database);
      const primary = own.find(({ role }) => role === 'primary');
      return {
        met: isWhole(own) && primary?.server === leader,
        seen: `leader ${leader || 'none'}; ${describeMembers(own)}`,
      };
    }),
  );
  return {
    met: looks.length > 0 && looks.every(({ met }) => met),
    seen: looks.map(({ seen }) => seen).join(' | '),
  };
}

/** Each database with its members, in the order of their numbers. */
export const databasesIn = (
  members: readonly Member[],
): readonly (readonly [database: number, members: readonly Member[]])[] =>
  [...Map.groupBy(members, ({ database }) => database)].sort(([left], [right]) => left - right);

/** Until every database is whole; an error when it is not in time. */
export const awaitRedundancy = (
  cluster: Cluster,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<string> =>
  awaitCondition(() => lookAtRedundancy(cluster), {
    what: 'one primary, every other member streaming and in the quorum',
    timeoutMs,
    everyMs: 250,
    signal,
  });
