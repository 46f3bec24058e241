/** A fault that has struck, from what is to be seen of it and what undoes it. */
import type { Moment } from '../../cluster/cluster.ts';
import { type Look, observe } from './evidence.ts';
import type { ActiveFault, FaultContext } from './fault.ts';

/** What is there is seen at the first look; a look that failed may be made again within this. */
const LOOK_AGAIN_MS = 3_000;

/** For what is over once it has struck: there is nothing that could end too early. */
export const NOTHING_LASTS = [] as const;

interface Struck {
  readonly struck: Moment;
  /** Its effects, each of which has to be seen once. */
  readonly looks: readonly Look[];
  /** What is there until it is healed, and only until then. */
  readonly lasts: readonly Look[];
  heal(): Promise<void>;
}

export const activeFault = (
  { signal }: FaultContext,
  { struck, looks, lasts, heal }: Struck,
): ActiveFault => ({
  struck,
  prove: (timeoutMs) => observe(looks, timeoutMs, signal),
  async lookAgain() {
    if (lasts.length === 0) return { lasts: false, observations: [] };
    const { observations } = await observe(lasts, LOOK_AGAIN_MS, signal);
    return { lasts: true, observations };
  },
  heal,
  [Symbol.asyncDispose]: heal,
});

/** For what is over once it has struck. */
export const nothingToHeal = (): Promise<void> => Promise.resolve();
