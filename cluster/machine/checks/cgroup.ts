/**
 * Control groups give every container its CPU time and memory figures; without them Docker does not
 * start. Both versions serve; they differ in which figures the kernel gives, so the version is said.
 */
import { statfs } from 'node:fs/promises';
import { readFile } from 'node:fs/promises';
import type { Check } from '../check.ts';

/** CGROUP2_SUPER_MAGIC of the kernel's `magic.h`. */
const CGROUP2_MAGIC = 0x63677270;

export const cgroup: Check = {
  id: 'cgroup',
  title: 'Control groups',
  needed: 'always',
  async probe() {
    const root = await statfs('/sys/fs/cgroup').catch(() => undefined);
    if (root?.type === CGROUP2_MAGIC) {
      return {
        kind: 'ok',
        found: 'version 2',
        means: 'CPU, memory and pressure of each container are measured',
        mend: [],
      };
    }
    const mounts = await readFile('/proc/self/mounts', 'utf8').catch(() => '');
    if (/ cgroup /.test(mounts)) {
      return {
        kind: 'ok',
        found: 'version 1',
        means: 'CPU and memory of each container are measured; pressure figures are not there',
        mend: [],
      };
    }
    return {
      kind: 'limited',
      found: 'not mounted',
      means: 'Docker cannot start before they are; set-up mounts them when it starts the engine',
      mend: ['sudo apt-get install -y cgroupfs-mount', 'sudo cgroupfs-mount'],
    };
  },
};
