/**
 * Loaded before `cli/main.ts` (`node --import`): when the process ends, it
 * says on descriptor 3 what it took. Nothing else of the command changes.
 *
 * The peak is the kernel's high-water mark of this process's own memory
 * (`VmHWM`). `maxRSS` would not do: it is inherited from whoever started it.
 */
import { readFileSync, writeSync } from 'node:fs';

const RESOURCES_FD = 3;

process.on('exit', () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  const peakKb = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  const cpuMs = (userCPUTime + systemCPUTime) / 1_000;
  writeSync(RESOURCES_FD, JSON.stringify({ cpuMs, peakBytes: Number(peakKb) * 1_024 }));
});
