/**
 * CPU time and memory of every running container of a cluster. Memory is what
 * the container would not give back: without the file pages that the kernel
 * may drop at any time.
 *
 * Read from the control groups where they can be seen: asked for the figures of
 * forty containers the engine takes a tenth of a second of both cores, and
 * whoever is measured at that moment waits. Where they cannot (an engine on
 * another machine), the engine is asked.
 */
import { z } from 'zod';
import type { Usage } from '../cluster.ts';
import { readGroupOf, usageOf, type ControlGroup } from './control-group.ts';
import type { Engine } from './engine.ts';
import { LABEL_CLUSTER, processOf } from './labels.ts';

type Measured = Pick<Usage, 'cpuSec' | 'memoryBytes'>;

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

async function askEngine(engine: Engine, container: string): Promise<Measured> {
  // One-shot: the engine would otherwise wait a second for a second reading.
  const answer = await engine.getContainer(container).stats({ stream: false, 'one-shot': true });
  const { cpu_stats: cpu, memory_stats: memory } = statsSchema.parse(answer);
  const droppable = memory.stats.total_inactive_file ?? memory.stats.inactive_file ?? 0;
  return {
    cpuSec: cpu.cpu_usage.total_usage / NANOSECONDS,
    memoryBytes: Math.max(0, memory.usage - droppable),
  };
}

/** Reads them each time it is called. */
export const usageReader = (engine: Engine, cluster: string): (() => Promise<readonly Usage[]>) => {
  /** By container: a group has the same place whenever its container runs. */
  const groups = new Map<string, ControlGroup>();

  async function measure(container: string): Promise<Measured> {
    let group = groups.get(container);
    if (group === undefined) {
      const { State } = await engine.getContainer(container).inspect();
      group = await readGroupOf(State.Pid).catch(() => undefined);
      if (group === undefined) return askEngine(engine, container);
      groups.set(container, group);
    }
    return usageOf(group).catch(() => askEngine(engine, container));
  }

  return async () => {
    const containers = await engine.listContainers({
      filters: { label: [`${LABEL_CLUSTER}=${cluster}`], status: ['running'] },
    });
    const usages = await Promise.all(
      containers.map(async ({ Id, Labels }): Promise<readonly Usage[]> => {
        const id = processOf(Labels);
        if (id === undefined) return [];
        try {
          return [{ id, ...(await measure(Id)) }];
        } catch {
          // It ended between the list and the reading: it has no usage any more.
          return [];
        }
      }),
    );
    return usages.flat().sort((a, b) => (a.id < b.id ? -1 : 1));
  };
};
