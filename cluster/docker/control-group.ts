/**
 * A running container's control group: what it has used, and limits on its
 * memory and disk, which the engine can neither set on a container that runs
 * nor take back. Both versions of control groups, with the engine on this
 * machine; limits as root.
 */
import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProcessLimits, Usage } from '../cluster.ts';
import { HoldfastError } from '../errors.ts';
import type { Engine } from './engine.ts';

const ROOT = '/sys/fs/cgroup';

export interface ControlGroup {
  readonly version: 1 | 2;
  /** Directory of the group, for a controller. */
  directory(controller: 'memory' | 'blkio' | 'cpuacct'): string;
}

/** `/proc/<pid>/cgroup`: one line a hierarchy in version 1, one line in all in version 2. */
export const parseControlGroup = (text: string): ControlGroup => {
  const lines = text.trim().split('\n');
  const pathOf = (controller: string): string | undefined =>
    lines
      .map((line) => line.split(':'))
      .find(([, names = '']) => names.split(',').includes(controller))
      ?.slice(2)
      .join(':');
  const isFirst = pathOf('memory') !== undefined;
  return {
    version: isFirst ? 1 : 2,
    directory: (controller) =>
      isFirst ? join(ROOT, controller, pathOf(controller) ?? '') : join(ROOT, pathOf('') ?? ''),
  };
};

/** Rejects where the process is not this machine's, or gone. */
export const readGroupOf = async (pid: number): Promise<ControlGroup> =>
  parseControlGroup(await readFile(`/proc/${pid}/cgroup`, 'utf8'));

/** CPU time is told in nanoseconds by version 1, in microseconds by version 2. */
export const usageOf = async (
  group: ControlGroup,
): Promise<Pick<Usage, 'cpuSec' | 'memoryBytes'>> => {
  const isFirst = group.version === 1;
  const [cpu, memory, stat] = await Promise.all([
    readFile(join(group.directory('cpuacct'), isFirst ? 'cpuacct.usage' : 'cpu.stat'), 'utf8'),
    readFile(
      join(group.directory('memory'), isFirst ? 'memory.usage_in_bytes' : 'memory.current'),
      'utf8',
    ),
    readFile(join(group.directory('memory'), 'memory.stat'), 'utf8'),
  ]);
  const droppable = numberOf(stat, isFirst ? 'total_inactive_file' : 'inactive_file');
  return {
    cpuSec: isFirst ? Number(cpu) / 1e9 : numberOf(cpu, 'usage_usec') / 1e6,
    memoryBytes: Math.max(0, Number(memory) - droppable),
  };
};

/** A line `name number` of a kernel's table. */
function numberOf(table: string, name: string): number {
  const line = table.split('\n').find((each) => each.startsWith(`${name} `));
  if (line === undefined) throw new RangeError(`a control group's table has no ${name}`);
  return Number(line.slice(name.length));
}

/** May we set limits at all: as root, where the controllers are. */
export const isControllable = (): boolean =>
  process.getuid?.() === 0 &&
  (existsSync(join(ROOT, 'blkio', 'blkio.throttle.write_bps_device')) ||
    existsSync(join(ROOT, 'cgroup.controllers')));

/** `254:0`: the device that holds a file or directory. */
const deviceOf = async (path: string): Promise<string> => {
  const { dev } = await stat(path);
  // As the kernel packs them: twelve bits of major number, twenty of minor.
  const major = ((dev >> 8) & 0xfff) >>> 0;
  const minor = ((dev & 0xff) | ((dev >> 12) & 0xfff00)) >>> 0;
  return `${major}:${minor}`;
};

export const limitContainer = async (
  engine: Engine,
  container: string,
  volume: string,
  { memoryBytes, diskWriteBytesHz }: ProcessLimits,
): Promise<void> => {
  const { State } = await engine.getContainer(container).inspect();
  const isLifting = [memoryBytes, diskWriteBytesHz].every((limit) => typeof limit !== 'number');
  // A group goes with its container: what does not run has no limits any more.
  if (!State.Running && isLifting) return;
  try {
    const group = await readGroupOf(State.Pid);
    if (memoryBytes !== undefined) {
      const file = group.version === 1 ? 'memory.limit_in_bytes' : 'memory.max';
      const none = group.version === 1 ? '-1' : 'max';
      const value = memoryBytes === 'none' ? none : String(memoryBytes);
      await writeFile(join(group.directory('memory'), file), value);
    }
    if (diskWriteBytesHz !== undefined) {
      const { Mountpoint } = await engine.getVolume(volume).inspect();
      const device = await deviceOf(Mountpoint);
      const bytesHz = diskWriteBytesHz === 'none' ? undefined : diskWriteBytesHz;
      const [file, value] =
        group.version === 1
          ? ['blkio.throttle.write_bps_device', `${device} ${bytesHz ?? 0}`]
          : ['io.max', `${device} wbps=${bytesHz ?? 'max'}`];
      await writeFile(join(group.directory('blkio'), file), value);
    }
  } catch (cause) {
    throw new HoldfastError({
      code: 'no-control-group',
      message: `Could not set a limit on ${container}: ${cause instanceof Error ? cause.message : String(cause)}`,
      remedy: 'Limits take root and a Docker engine on this machine; see holdfast faults.',
      cause,
    });
  }
};
