/**
 * May a fault be injected now? It may when the kernel has what it needs and
 * the redundancy it uses up is whole: breaking a second of two would say
 * nothing about what the system promises, which is to survive one.
 */
import { isOfService, type ServerRole } from '../../cluster/cluster.ts';
import { ports } from '../../cluster/ports.ts';
import { pollUntil } from '../../cluster/await.ts';
import { lookAtRedundancy } from '../redundancy.ts';
import { askProcess } from '../service-process.ts';
import type { Fault, FaultContext } from './fault.ts';

export type Legality =
  { readonly kind: 'legal' } | { readonly kind: 'illegal'; readonly why: string };

const ASK_TIMEOUT_MS = 1_500;
const ASK_EVERY_MS = 500;

/** What has redundancy, and what each of it must say to be whole; an empty answer is "whole". */
export const PARTS = ['database', 'coordination', 'chat', 'fan-out', 'edges'] as const;
export type Part = (typeof PARTS)[number];

/** First the kernel, then the redundancy: the reason why not, or that it may. */
export async function legalNow(
  { needs, leansOn }: Fault,
  context: FaultContext,
): Promise<Legality> {
  for (const mechanism of needs) {
    const ability = await mechanism.inCluster(context.cluster);
    if (ability.kind !== 'able') return { kind: 'illegal', why: ability.why };
  }
  for (const part of leansOn) {
    const missing = await missingOf(part, context);
    if (missing !== '') return { kind: 'illegal', why: `the ${part} is not whole: ${missing}` };
  }
  return { kind: 'legal' };
}

/** `legalNow`, asked again until it may or the time is over: what comes back may be slow to say so. */
export async function awaitLegality(
  fault: Fault,
  context: FaultContext,
  timeoutMs: number,
): Promise<Legality> {
  let last: Legality = { kind: 'legal' };
  await pollUntil(
    async () => {
      last = await legalNow(fault, context);
      return { met: last.kind === 'legal', seen: '' };
    },
    { timeoutMs, everyMs: ASK_EVERY_MS, signal: context.signal },
  );
  return last;
}

async function missingOf(part: Part, context: FaultContext): Promise<string> {
  switch (part) {
    case 'database': {
      const { met, seen } = await lookAtRedundancy(context.cluster);
      return met ? '' : seen;
    }
    case 'coordination':
      return silent(context, 'app', ports.etcdClients, '/health');
    case 'chat':
      return unreadyService(context);
    case 'fan-out':
      return silent(context, 'app', ports.natsMonitor, '/healthz');
    case 'edges':
      return silent(context, 'edge', ports.balancerMetrics, '/metrics');
  }
}

/** Processes of the chat service that are not ready. */
async function unreadyService({ cluster, signal }: FaultContext): Promise<string> {
  const asked = await Promise.all(
    cluster.processes.filter(isOfService).map(async (process) => {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(ASK_TIMEOUT_MS)]);
      const answer = await askProcess(cluster, process, '/readyz', limit);
      return answer?.ok === true ? [] : [`${process.id} is not ready`];
    }),
  );
  return asked.flat().join(', ');
}

/** The servers of a role on which a request is not answered well. */
async function silent(
  { cluster, signal }: FaultContext,
  role: ServerRole,
  port: number,
  path: string,
): Promise<string> {
  const asked = await Promise.all(
    cluster.servers
      .filter((server) => server.role === role)
      .map(async ({ id, address }) => {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(ASK_TIMEOUT_MS)]);
        const answer = await fetch(`http://${address}:${port}${path}`, { signal: limit }).catch(
          () => undefined,
        );
        return answer?.ok === true ? [] : [`${id} does not answer on port ${port}`];
      }),
  );
  return asked.flat().join(', ');
}
