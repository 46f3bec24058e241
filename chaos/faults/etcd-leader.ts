/** Which member leads etcd, by each member's own word (its HTTP interface). */
import { z } from 'zod';
import type { Cluster, ServerId } from '../../cluster/cluster.ts';
import { ports } from '../../cluster/ports.ts';

const statusSchema = z.object({
  header: z.object({ member_id: z.string() }),
  leader: z.string().default('0'),
});

/** Undefined while nobody leads, or nobody who does answers in time. */
export async function etcdLeader(
  cluster: Cluster,
  timeoutMs: number,
): Promise<ServerId | undefined> {
  const leads = await Promise.all(
    cluster.servers
      .filter(({ role }) => role === 'app')
      .map(async ({ id, address }) => {
        const url = `http://${address}:${ports.etcdClients}/v3/maintenance/status`;
        const answer = await fetch(url, {
          method: 'POST',
          body: '{}',
          signal: AbortSignal.timeout(timeoutMs),
        })
          .then((response) => response.json())
          .catch(() => undefined);
        const status = statusSchema.safeParse(answer).data;
        return status !== undefined && status.leader === status.header.member_id ? [id] : [];
      }),
  );
  return leads.flat()[0];
}
