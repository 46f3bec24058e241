/**
 * How much of the machine is busy, with whatever: ours, the engine, the
 * kernel, other programs. From `/proc/stat`; time that the host of a virtual
 * machine took away is neither busy nor idle.
 */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

/** In ticks of all cores together, since the machine started. */
export interface CoreTicks {
  readonly busy: number;
  readonly all: number;
}

/** The first line of `/proc/stat`: `cpu  user nice system idle iowait irq softirq steal …`. */
export function parseCoreTicks(text: string): CoreTicks | undefined {
  const fields = /^cpu +([\d ]+)$/m.exec(text)?.[1]?.split(' ').map(Number);
  if (fields === undefined || fields.length < 8) return undefined;
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0] = fields;
  const busy = user + nice + system + irq + softirq;
  return { busy, all: busy + idle + iowait };
}

/** Undefined where there is no `/proc`. */
export const readCoreTicks = async (): Promise<CoreTicks | undefined> =>
  parseCoreTicks(await readFile('/proc/stat', 'utf8').catch(() => ''));

/** Cores that were busy on average between two readings. */
export function busyCores(
  before: CoreTicks | undefined,
  after: CoreTicks | undefined,
  cores = availableParallelism(),
): number | null {
  if (before === undefined || after === undefined || after.all <= before.all) return null;
  return (cores * (after.busy - before.busy)) / (after.all - before.all);
}
