/**
 * What the service has to do while a fault lasts: said by the fault, recorded
 * with its strike, and judged from the ledgers (`chaos/judge/expectations.ts`).
 */
import { z } from 'zod';

const ms = z.number().min(0);

export const expectationSchema = z.discriminatedUnion('kind', [
  /** Messages are acknowledged all the time; the longest gap between two is at most this. */
  z.object({ kind: z.literal('keeps-going'), gapMsMax: ms }),
  /** They are acknowledged again at most so long after it struck, healed or not. */
  z.object({ kind: z.literal('recovers'), withinMs: ms }),
  /** None is acknowledged from `fromMs` after it struck until healed, and again within `withinMs` after. */
  z.object({ kind: z.literal('refuses-writes'), fromMs: ms, withinMs: ms }),
]);
export type Expectation = Readonly<z.infer<typeof expectationSchema>>;

const seconds = (durationMs: number): string => `${durationMs / 1_000} s`;

export function describeExpectation(expects: Expectation): string {
  switch (expects.kind) {
    case 'keeps-going':
      return `keeps going, no gap over ${seconds(expects.gapMsMax)}`;
    case 'recovers':
      return `recovers within ${seconds(expects.withinMs)}`;
    case 'refuses-writes':
      return `refuses writes from ${seconds(expects.fromMs)} on until healed, then recovers within ${seconds(expects.withinMs)}`;
  }
}
