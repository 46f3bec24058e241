/**
 * Something on the primary's server eats the processor: a runaway query, a
 * scanner, a neighbour. Everything of the database is still there, only late.
 * Threatens whoever takes late for dead; a failover would only move the load.
 *
 * Busy loops inside the database's container, so that they share its weight.
 * Healing ends them; they end by themselves when nobody does.
 */
import { z } from 'zod';
import { FAULT_MARK } from '../../cluster/cluster.ts';
import { activeFault } from './active-fault.ts';
import type { Look } from './evidence.ts';
import { defineFault, type FaultContext } from './fault.ts';
import { ENDS_BY_ITSELF_SEC, endMarked } from './marked-process.ts';
import { strikeOrFail } from './strike.ts';
import { findPrimary } from './target.ts';

/** On a machine that others keep busy a loop gets less than a core, but never so little. */
const CORES_MIN = 0.3;

export const cpuHog = defineFault({
  kind: 'cpu-hog',
  imitates: 'a runaway program eats the processor of the primary’s server',
  aim: 'the primary',
  expects: { kind: 'keeps-going', gapMsMax: 3_000 },
  leansOn: ['database'],
  options: {
    /** Busy loops at once. */
    loops: z.number().int().min(1).max(64).default(2),
  },
  target: findPrimary,
  async prepare(context, target, { loops }) {
    const { cluster } = context;
    const process = `${target}/patroni`;
    const loop = `timeout ${ENDS_BY_ITSELF_SEC} sh -c "while :; do :; done" ${FAULT_MARK}`;
    const script = `for loop in $(seq ${loops}); do setsid ${loop} >/dev/null 2>&1 </dev/null & done`;
    // One look for both: it measures from its first time on.
    const isBusy = busy(context, process);
    return async () =>
      activeFault(context, {
        struck: await strikeOrFail(
          (command) => cluster.execInProcess(process, command),
          ['bash', '-c', script],
          target,
        ),
        looks: [isBusy],
        lasts: [isBusy],
        heal: () => endMarked(cluster, process),
      });
  },
});

/** Processor time of the loops, by the kernel's count. */
function busy({ cluster }: FaultContext, process: string): Look {
  let before: { readonly cpuSec: number; readonly atMs: number } | undefined;
  return {
    what: `the loops use at least ${CORES_MIN} of a core`,
    async look() {
      const command = ['ps', '-eo', 'cputimes=,args='];
      const listed = (await cluster.execInProcess(process, command)).stdout;
      const cpuSec = listed
        .split('\n')
        .filter((line) => line.includes(FAULT_MARK))
        .reduce((sum, line) => sum + Number.parseInt(line, 10), 0);
      const atMs = Date.now();
      before ??= { cpuSec, atMs };
      const cores = ((cpuSec - before.cpuSec) * 1_000) / Math.max(1, atMs - before.atMs);
      // The kernel's count is in whole seconds here: it takes some for a share to be one.
      const isLong = atMs - before.atMs > 2_500;
      return { ok: isLong && cores >= CORES_MIN, seen: `${cores.toFixed(2)} cores` };
    },
  };
}
