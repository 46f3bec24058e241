/**
 * Lets what the primary sends to some servers come to nothing for a while, as
 * a congested link does: to its replicas (commits wait, and nothing new is
 * replicated) or to the app servers (commits are made, and nobody hears of
 * them). What is rare in life, a blow in just such a moment, is certain here.
 */
import {
  FAULT_TABLE,
  type Cluster,
  type ServerId,
  type ServerRole,
} from '../../cluster/cluster.ts';
import { HoldfastError } from '../../cluster/errors.ts';

/** From PostgreSQL on `server` to all others of a role. */
export async function stall(cluster: Cluster, server: ServerId, to: ServerRole): Promise<void> {
  const receivers = cluster.servers.filter(({ id, role }) => role === to && id !== server);
  const addresses = receivers.map(({ address }) => address).join(', ');
  const { port } = cluster.secrets.database;
  const table = `
table inet ${FAULT_TABLE} {
  chain stall {
    type filter hook output priority -300; policy accept;
    tcp sport ${port} ip daddr { ${addresses} } counter drop;
  }
}`;
  const { exitCode, stderr } = await cluster.execOnServer(server, ['nft', table]);
  if (exitCode === 0) return;
  throw new HoldfastError({
    code: 'sabotage-not-done',
    message: `nft could not stall ${server} (exit ${exitCode}): ${stderr.trim()}`,
    remedy: 'holdfast doctor says whether this kernel has nftables in a network namespace',
  });
}

/** Harmless where nothing is stalled. */
export async function unstall(cluster: Cluster, server: ServerId): Promise<void> {
  await cluster.execOnServer(server, ['nft', 'delete', 'table', 'inet', FAULT_TABLE]);
}
