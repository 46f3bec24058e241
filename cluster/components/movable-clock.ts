/**
 * Programs whose wall clock can be moved while they run. All servers share one
 * kernel and its clock, and no namespace has a time of day of its own, so
 * libfaketime is loaded into them. It reads an offset from a file, at most once
 * a second; without the file they see the kernel's time. What measures time
 * that passes (the monotonic clock) and the times of files are left alone.
 *
 * Loaded and idle it took 9 % of the reads a second that PostgreSQL could do,
 * so it is there only in clusters that were started for it. The thread-safe
 * build, because it also blocks signals while it works.
 *
 * Limit: programs that ask the kernel without a library (Go: etcd, NATS) are
 * not reached, so only database servers have such clocks.
 */
import { FAULT_MARK } from '../cluster.ts';
import type { ProcessSpec } from './process-spec.ts';

/** Seconds to be added: `+60`, `-0.25`. One in each container of the server. */
export const CLOCK_FILE = `/tmp/${FAULT_MARK}-clock`;

export const CLOCK_LIBRARY = 'libfaketimeMT.so.1';

const SETTINGS = {
  FAKETIME_TIMESTAMP_FILE: CLOCK_FILE,
  FAKETIME_CACHE_DURATION: '0',
  FAKETIME_DISABLE_SHM: '1',
  DONT_FAKE_MONOTONIC: '1',
  NO_FAKE_STAT: '1',
  // A remedy for glibc before 2.30, under which threads that wait for Python's lock wake each other
  // all the time: every Patroni took a third of a core for it, idle.
  FAKETIME_FORCE_MONOTONIC_FIX: '0',
};

/**
 * Loaded by the command itself, so that what is run in the container beside it keeps the right
 * time. `$LIB` is for the dynamic loader: Debian's directory of this architecture.
 */
export const withMovableClock = (spec: ProcessSpec): ProcessSpec => ({
  ...spec,
  command: ['env', `LD_PRELOAD=/usr/$LIB/faketime/${CLOCK_LIBRARY}`, ...spec.command],
  environment: { ...spec.environment, ...SETTINGS },
});
