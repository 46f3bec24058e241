/** Finds the server a fault is aimed at, by role, at the moment of injection. */
import { HoldfastError } from '../../cluster/errors.ts';
import type { ServerId } from '../../cluster/cluster.ts';
import { describeMembers } from '../redundancy.ts';
import type { FaultContext } from './fault.ts';

/** The member that says it is the primary and holds the leader key. */
export async function findPrimary({ cluster }: FaultContext): Promise<ServerId> {
  const members = await cluster.members(1_500);
  const leader = await cluster.leader(1_500);
  const primary = members.find(({ server, role }) => role === 'primary' && server === leader);
  if (primary !== undefined) return primary.server;
  throw new HoldfastError({
    code: 'no-target',
    message: `no primary to break: leader key held by ${leader || 'nobody'}; ${describeMembers(members)}`,
    remedy: 'a fault needs the steady state before it; see holdfast cluster status',
  });
}
