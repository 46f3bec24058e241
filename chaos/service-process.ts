/** Asks a process of the chat service for one of its pages: `/healthz`, `/readyz`, `/metrics`. */
import type { Cluster, ServiceProcess } from '../cluster/cluster.ts';
import { ports } from '../cluster/ports.ts';

/** Undefined: no answer before the signal. */
export async function askProcess(
  { servers }: Pick<Cluster, 'servers'>,
  { server, component }: ServiceProcess,
  path: string,
  signal: AbortSignal,
): Promise<Response | undefined> {
  const address = servers.find(({ id }) => id === server)?.address ?? '';
  return fetch(`http://${address}:${ports[component]}${path}`, { signal }).catch(() => undefined);
}
