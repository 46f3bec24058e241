/**
 * The link between two roles: one server at its near end, where the rules are
 * put, and every server of the role at its far end. Ways are as the near end
 * sees them: `out` is what it sends.
 */
import { z } from 'zod';
import type { Server, ServerId } from '../../cluster/cluster.ts';
import type { FaultContext } from './fault.ts';
import type { Rules } from './firewall.ts';
import { findApp, findEdge, findPrimary, findReplica, findReplicas, noTarget } from './target.ts';

const ROLES = ['primary', 'replica', 'app', 'edge'] as const;
type LinkRole = (typeof ROLES)[number];

/** App servers carry the chat servers, etcd and NATS. */
export const linkEnd = z.enum(ROLES);
/** Everybody: not one link of the near end, but all that goes over its interface. */
export const linkFarEnd = z.enum(['everybody', ...ROLES]).default('everybody');
export const linkWays = z.enum(['both', 'out', 'in']).default('both');
type Ways = z.output<typeof linkWays>;

export type FarEnd = readonly Server[] | 'everybody';

export function findNearEnd(context: FaultContext, role: LinkRole): Promise<ServerId> {
  switch (role) {
    case 'primary':
      return findPrimary(context);
    case 'replica':
      return findReplica(context);
    case 'app':
      return findApp(context);
    case 'edge':
      return findEdge(context);
  }
}

/** Without the near end itself, which may be of that role; `everybody` is nobody in particular. */
export async function findFarEnd(
  context: FaultContext,
  role: z.output<typeof linkFarEnd>,
  near: ServerId,
): Promise<FarEnd> {
  if (role === 'everybody') return role;
  const { servers } = context.cluster;
  const ids = await idsOf(context, role);
  const far = servers.filter(({ id }) => ids.includes(id) && id !== near);
  if (far.length > 0) return far;
  throw noTarget(`a link from ${near} to the ${role} would end where it begins`);
}

async function idsOf(context: FaultContext, role: LinkRole): Promise<readonly ServerId[]> {
  switch (role) {
    case 'primary':
      return [await findPrimary(context)];
    case 'replica':
      return findReplicas(context);
    case 'app':
    case 'edge':
      return context.cluster.servers.filter((server) => server.role === role).map(({ id }) => id);
  }
}

/** What happens to packets of a link, `action` as nftables writes it. */
export function rulesOnLink(far: FarEnd, ways: Ways, action: string): Rules {
  const addresses =
    far === 'everybody' ? '' : `{ ${far.map(({ address }) => address).join(', ')} }`;
  const incoming = far === 'everybody' ? 'iifname != "lo"' : `ip saddr ${addresses}`;
  const outgoing = far === 'everybody' ? 'oifname != "lo"' : `ip daddr ${addresses}`;
  return {
    incoming: ways === 'out' ? [] : [`${incoming} ${action}`],
    outgoing: ways === 'in' ? [] : [`${outgoing} ${action}`],
  };
}
