/** A fault that has struck, from what is to be seen of it and what undoes it. */
import type { Moment } from '../../cluster/cluster.ts';
import { type Look, observe } from './evidence.ts';
import type { ActiveFault, FaultContext } from './fault.ts';

export const activeFault = (
  { signal }: FaultContext,
  { struck, looks, heal }: { struck: Moment; looks: readonly Look[]; heal: () => Promise<void> },
): ActiveFault => ({
  struck,
  prove: (timeoutMs) => observe(looks, timeoutMs, signal),
  heal,
  [Symbol.asyncDispose]: heal,
});

/** For what is over once it has struck. */
export const nothingToHeal = (): Promise<void> => Promise.resolve();
