/**
 * The strike that many faults share: processes of the cluster die at once
 * (kill -9) and stay dead until healed.
 */
import { activeFault } from './active-fault.ts';
import { type Look, notRunning } from './evidence.ts';
import type { FaultContext, Strike } from './fault.ts';

/** `looks`: what else is to be seen of it, beside that they are dead. */
export function killProcesses(
  context: FaultContext,
  processes: readonly string[],
  looks: readonly Look[] = [],
): Strike {
  const { cluster } = context;
  return async () =>
    activeFault(context, {
      struck: await cluster.killProcesses(processes),
      looks: [notRunning(cluster, processes), ...looks],
      lasts: [notRunning(cluster, processes)],
      heal: async () => {
        await Promise.all(processes.map((process) => cluster.startProcess(process)));
      },
    });
}
