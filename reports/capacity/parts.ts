/**
 * Parts of the system by the names of their processes, so that forty
 * processes become eight lines: `edge1/balancer-2` is `balancer`,
 * `load/shard-0` is `generator`.
 */
import type { Series } from '../../chaos/findings.ts';
import { meanOf } from '../../chaos/statistics.ts';
import type { ProcessUsage } from './capacity.ts';

export const PARTS = [
  'generator',
  'balancer',
  'chat',
  'nats',
  'router',
  'database',
  'etcd',
  'guard',
  'other',
] as const;
export type Part = (typeof PARTS)[number];

const PART_OF_COMPONENT: Readonly<Record<string, Part>> = {
  balancer: 'balancer',
  chat: 'chat',
  ingest: 'chat',
  history: 'chat',
  nats: 'nats',
  router: 'router',
  patroni: 'database',
  etcd: 'etcd',
  guard: 'guard',
};

/** `edge1/balancer-2` → `edge1`. */
export const serverOf = (process: string): string => process.slice(0, process.indexOf('/'));

export function partOf(process: string): Part {
  const server = serverOf(process);
  if (server === 'load') return 'generator';
  const component = process.slice(server.length + 1).replace(/-\d+$/, '');
  return PART_OF_COMPONENT[component] ?? 'other';
}

export interface PartUsage {
  readonly part: Part;
  readonly cores: number;
  readonly memoryBytes: number;
}

/** Sums over all processes of a part; parts in their order, those that are not there left out. */
export function usageByPart(usage: readonly ProcessUsage[]): readonly PartUsage[] {
  return PARTS.flatMap((part) => {
    const processes = usage.filter(({ id }) => partOf(id) === part);
    if (processes.length === 0) return [];
    return [
      { part, cores: sumOf(processes, 'cores'), memoryBytes: sumOf(processes, 'memoryBytes') },
    ];
  });
}

export const sumOf = (
  usage: readonly Pick<ProcessUsage, 'cores' | 'memoryBytes'>[],
  figure: 'cores' | 'memoryBytes',
): number => usage.reduce((sum, each) => sum + each[figure], 0);

/** Which of these samples were taken while the load was steady: up to the first fault. */
function steadySamples(series: Series, atMs: readonly number[]): readonly number[] {
  const toMs = Math.min(
    series.fromMs + series.offered.length * series.stepMs,
    ...series.bands.map(({ fromMs }) => fromMs),
  );
  const inside = atMs.flatMap((at, index) => (at > series.fromMs && at <= toMs ? [index] : []));
  // The first began before the window did: the last users were still connecting.
  return inside.length > 1 ? inside.slice(1) : inside;
}

/** Mean cores and peak memory of every process while the load was steady. */
export const steadyUsage = (series: Series): readonly ProcessUsage[] =>
  series.usage.flatMap(({ id, atMs, cores, memoryBytes }): readonly ProcessUsage[] => {
    const samples = steadySamples(series, atMs);
    if (samples.length === 0) return [];
    return [
      {
        id,
        cores: meanOf(samples.map((index) => cores[index] ?? 0)),
        memoryBytes: Math.max(...samples.map((index) => memoryBytes[index] ?? 0)),
      },
    ];
  });

/** Mean of the machine's cores that were busy with anything at all meanwhile; null: not sampled. */
export function steadyBusyCores(series: Series): number | null {
  const { atMs, busyCores } = series.machine;
  const samples = steadySamples(series, atMs);
  return samples.length === 0 ? null : meanOf(samples.map((index) => busyCores[index] ?? 0));
}
