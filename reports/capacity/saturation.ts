/**
 * Which part was full? Held against the machine's cores and memory, and,
 * because most parts work with one thread a process, each process against one
 * core. Of a machine that is full the largest parts are named: on one machine
 * everything shares the cores, the generator included.
 */
import type { CapacityMachine, CapacityStep } from './capacity.ts';
import { partOf, sumOf, usageByPart, type Part, type PartUsage } from './parts.ts';

/** What is busier than this has no room left for what comes unevenly. */
const FULL = 0.9;
/** Parts whose processes work with one thread. */
const ONE_THREAD: readonly Part[] = ['generator', 'balancer', 'chat', 'router'];

export interface Saturation {
  /** The load at which it was looked at. */
  readonly users: number;
  /** What was full; empty: nothing was. */
  readonly full: readonly ('cores' | 'memory' | 'process')[];
  /** Process at 90 % of one core or more, where its part works with one thread. */
  readonly fullProcesses: readonly { readonly id: string; readonly cores: number }[];
  readonly cores: {
    /** Of the whole machine, whatever it was for. */
    readonly busy: number | null;
    /** Of our processes alone. */
    readonly ours: number;
    readonly machine: number;
  };
  readonly memoryBytes: { readonly ours: number; readonly machine: number };
  /** Most cores first. */
  readonly parts: readonly PartUsage[];
}

/** At the largest load of which the usage is known; null: of none. */
export function saturationOf(
  steps: readonly CapacityStep[],
  machine: CapacityMachine,
): Saturation | null {
  const known = steps.filter(({ usage }) => usage.length > 0);
  const [step] = known.toSorted((left, right) => right.users - left.users);
  if (step === undefined) return null;
  const { usage, busyCores } = step;
  const ours = sumOf(usage, 'cores');
  const memoryBytes = sumOf(usage, 'memoryBytes');
  const fullProcesses = usage
    .filter(({ id, cores }) => ONE_THREAD.includes(partOf(id)) && cores >= FULL)
    .map(({ id, cores }) => ({ id, cores }));
  const isFull: Readonly<Record<Saturation['full'][number], boolean>> = {
    cores: (busyCores ?? ours) >= FULL * machine.cores,
    memory: memoryBytes >= FULL * machine.memoryBytes,
    process: fullProcesses.length > 0,
  };
  return {
    users: step.users,
    full: (['cores', 'memory', 'process'] as const).filter((what) => isFull[what]),
    fullProcesses,
    cores: { busy: busyCores, ours, machine: machine.cores },
    memoryBytes: { ours: memoryBytes, machine: machine.memoryBytes },
    parts: usageByPart(usage).toSorted((left, right) => right.cores - left.cores),
  };
}
