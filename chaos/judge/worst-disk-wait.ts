/**
 * What of a latency may be the disk's doing: it is no excuse, and changes no
 * verdict, but whoever sees the red has to know where to look.
 */
import type { RunEvent } from '../events.ts';
import { isoTime } from './fault-report.ts';
import { machineSamples } from './machine-samples.ts';
import type { Window } from './outcomes.ts';

/**
 * With 20,000 users on it, a healthy disk is waited for 4 % of the time; one that hangs for 0.8 of 5 s
 * makes it 20 %.
 */
const NOTED = 0.1;

/** Empty: the disk did not keep anybody waiting for long, or nobody knows. */
export function worstDiskWait(events: readonly RunEvent[], window: Window | null): string[] {
  const samples = machineSamples(events, window).flatMap(({ atMs, diskWait }) =>
    diskWait == null ? [] : [{ atMs, diskWait }],
  );
  const [worst] = samples.sort((left, right) => right.diskWait - left.diskWait);
  if (worst === undefined || worst.diskWait < NOTED) return [];
  const share = Math.round(100 * worst.diskWait);
  return [
    `somebody waited for the machine's disk ${share} % of the time between two samples, until ${isoTime(worst.atMs)}`,
  ];
}
