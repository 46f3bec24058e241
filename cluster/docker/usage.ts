/**
 * CPU time and memory of every running container of a cluster, from the
 * engine's accounting (cgroups). Memory is what the container would not give
 * back: without the file pages that the kernel may drop at any time.
 */
import { z } from 'zod';
import type { Usage } from '../cluster.ts';
import type { Engine } from './engine.ts';
import { LABEL_CLUSTER, processOf } from './labels.ts';

const statsSchema = z.object({
  cpu_stats: z.object({ cpu_usage: z.object({ total_usage: z.number() }) }),
  memory_stats: z.object({
    usage: z.number().default(0),
    stats: z
      .object({
        // cgroup version 1 and 2 have different names for it.
        total_inactive_file: z.number().optional(),
        inactive_file: z.number().optional(),
      })
      .default({}),
  }),
});

const NANOSECONDS = 1e9;

export const readUsage = async (engine: Engine, cluster: string): Promise<readonly Usage[]> => {
  const containers = await engine.listContainers({
    filters: { label: [`${LABEL_CLUSTER}=${cluster}`], status: ['running'] },
  });
  const usages = await Promise.all(
    containers.map(async ({ Id, Labels }): Promise<readonly Usage[]> => {
      const id = processOf(Labels);
      if (id === undefined) return [];
      try {
        // One-shot: the engine would otherwise wait a second for a second reading.
        const answer = await engine.getContainer(Id).stats({ stream: false, 'one-shot': true });
        const { cpu_stats: cpu, memory_stats: memory } = statsSchema.parse(answer);
        const droppable = memory.stats.total_inactive_file ?? memory.stats.inactive_file ?? 0;
        return [
          {
            id,
            cpuSec: cpu.cpu_usage.total_usage / NANOSECONDS,
            memoryBytes: Math.max(0, memory.usage - droppable),
          },
        ];
      } catch {
        // It ended between the list and the reading: it has no usage any more.
        return [];
      }
    }),
  );
  return usages.flat().sort((a, b) => (a.id < b.id ? -1 : 1));
};
