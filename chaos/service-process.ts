/** Processes of the chat service: what their pages say, and waiting until one left or is back. */
import { awaitCondition } from '../cluster/await.ts';
import type { Cluster, ServiceProcess } from '../cluster/cluster.ts';
import { ports } from '../cluster/ports.ts';

/** It drains within 10 s and starts within 2; a loaded machine takes longer. */
const STEP = { timeoutMs: 60_000, everyMs: 200 } as const;
const ASK_TIMEOUT_MS = 1_000;

interface Waiting {
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
}

/** One of its pages: `/healthz`, `/readyz`, `/metrics`. Undefined: no answer before the signal. */
export async function askProcess(
  { servers }: Pick<Cluster, 'servers'>,
  { server, component }: ServiceProcess,
  path: string,
  signal: AbortSignal,
): Promise<Response | undefined> {
  const address = servers.find(({ id }) => id === server)?.address ?? '';
  return fetch(`http://${address}:${ports[component]}${path}`, { signal }).catch(() => undefined);
}

/** Until a process that was told to leave has. */
export const awaitEnd = ({ cluster, signal }: Waiting, { id }: ServiceProcess): Promise<string> =>
  awaitCondition(
    async () => {
      const runs = await cluster.isRunning(id);
      return { met: !runs, seen: runs ? 'it runs' : 'it ended' };
    },
    { what: `${id} to end`, ...STEP, signal },
  );

/** Until it says that it is ready. */
export const awaitReady = (
  { cluster, signal }: Waiting,
  process: ServiceProcess,
): Promise<string> =>
  awaitCondition(
    async () => {
      const limit = AbortSignal.timeout(ASK_TIMEOUT_MS);
      const answer = await askProcess(cluster, process, '/readyz', limit);
      return { met: answer?.ok === true, seen: String(answer?.status ?? 'no answer') };
    },
    { what: `${process.id} to be ready`, ...STEP, signal },
  );
