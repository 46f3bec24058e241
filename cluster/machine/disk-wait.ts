/**
 * For how much of the time somebody on this machine waited for a disk: the
 * kernel's own count (pressure stall information, `/proc/pressure/io`). A
 * commit of a database and a vote of etcd wait for the disk, so a disk that
 * stalls shows as a latency for which the service can do nothing.
 */
import { readFile } from 'node:fs/promises';

/** Milliseconds: of waiting, since the machine started; and when that was read. */
export interface DiskWait {
  readonly waitedMs: number;
  readonly atMs: number;
}

/** The line `some avg10=0.00 avg60=0.00 avg300=0.00 total=<microseconds>`; milliseconds. */
export function parseDiskWait(text: string): number | undefined {
  const total = /^some .*\btotal=(\d+)$/m.exec(text)?.[1];
  return total === undefined ? undefined : Number(total) / 1_000;
}

/** Undefined where the kernel does not count it. */
export async function readDiskWait(): Promise<DiskWait | undefined> {
  const text = await readFile('/proc/pressure/io', 'utf8').catch(() => '');
  const waitedMs = parseDiskWait(text);
  return waitedMs === undefined ? undefined : { waitedMs, atMs: performance.now() };
}

/** Between two readings, from 0 to 1; null: not known. */
export function diskWaitShare(
  before: DiskWait | undefined,
  after: DiskWait | undefined,
): number | null {
  if (before === undefined || after === undefined || after.atMs <= before.atMs) return null;
  return Math.min(1, (after.waitedMs - before.waitedMs) / (after.atMs - before.atMs));
}
