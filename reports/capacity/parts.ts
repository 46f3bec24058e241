/**
 * Parts of the system by the names of their processes, so that forty
 * processes become eight lines: `edge1/balancer-2` is `balancer`,
 * `load/shard-0` is `generator`.
 */
import type { Series } from '../../chaos/findings.ts';
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

/** Mean cores and peak memory of every process while the load was steady: up to the first fault. */
export function steadyUsage(series: Series): readonly ProcessUsage[] {
  const toMs = Math.min(
    series.fromMs + series.offered.length * series.stepMs,
    ...series.bands.map(({ fromMs }) => fromMs),
  );
  return series.usage.flatMap(({ id, atMs, cores, memoryBytes }): readonly ProcessUsage[] => {
    const inside = atMs.flatMap((at, index) => (at > series.fromMs && at <= toMs ? [index] : []));
    // The first began before the window did: the last users were still connecting.
    const samples = inside.length > 1 ? inside.slice(1) : inside;
    if (samples.length === 0) return [];
    const used = samples.map((index) => cores[index] ?? 0);
    return [
      {
        id,
        cores: used.reduce((sum, each) => sum + each, 0) / used.length,
        memoryBytes: Math.max(...samples.map((index) => memoryBytes[index] ?? 0)),
      },
    ];
  });
}
