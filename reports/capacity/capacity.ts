/**
 * What a sweep found (`capacity.json`): the stable interface that other
 * programs read. The steps as they were measured, and what follows from them.
 */
import type { Ceiling, EndOfSearch, StepKind } from '../../chaos/capacity/search.ts';
import type { Beside } from './beside.ts';
import type { Extrapolation } from './extrapolation.ts';
import type { Saturation } from './saturation.ts';

export const CAPACITY_SCHEMA = 'holdfast.capacity/1';

/** One process of the cluster or the generator, over the steady load of a step. */
export interface ProcessUsage {
  /** `app1/chat`, `edge1/balancer-2`, `load/shard-0`. */
  readonly id: string;
  /** Mean. */
  readonly cores: number;
  /** Peak. */
  readonly memoryBytes: number;
}

/** One load that was put on the service: a whole run of its own. */
export interface CapacityStep {
  readonly users: number;
  readonly kind: StepKind;
  /** Why it did not hold, or is not known, most important first; empty when it held. */
  readonly reasons: readonly string[];
  /** Its run directory, inside the sweep's. */
  readonly run: string;
  /** From its start to its verdict. */
  readonly tookSec: number;
  readonly acknowledgedHz: number | null;
  /** Of the steady load, outside any fault; acknowledgement from the intended time. */
  readonly latencyMs: { readonly p50: number | null; readonly p99: number | null };
  /** The same over the whole window, the fault included; without a fault it is the same figure. */
  readonly latencyWholeMs: { readonly p50: number | null; readonly p99: number | null };
  /** Shares of all messages of the window, the fault included. */
  readonly availability: { readonly asSent: number | null; readonly withRetries: number | null };
  readonly lost: number;
  /** Cores of the machine that were busy with anything at all; null where nobody looked. */
  readonly busyCores: number | null;
  readonly usage: readonly ProcessUsage[];
}

export interface CapacityMachine {
  readonly cores: number;
  readonly memoryBytes: number;
  readonly processor: string;
}

export interface CapacityObjective {
  readonly p99MsMax: number;
  /** Share of messages, with retries, within `deadlineMs`. */
  readonly availability: number;
  readonly deadlineMs: number;
}

export interface CapacitySearch {
  readonly fromUsers: number;
  readonly toUsers: number;
  readonly resolutionUsers: number;
  readonly plateauSec: number;
  readonly secondsMax: number;
  /** Whose bound `toUsers` is: asked for, the most this machine's open files allow, or a plan's. */
  readonly toIs: 'asked' | 'machine' | 'plan';
}

/** `running`: the sweep goes on, or was killed. */
export type EndOfSweep = EndOfSearch | 'interrupted' | 'running';

/** What was measured, before anything is concluded from it. */
export interface Sweep {
  /** Its directory's name. */
  readonly name: string;
  /** The fault under which the objective has to hold; null: none. */
  readonly under: string | null;
  readonly objective: CapacityObjective;
  readonly search: CapacitySearch;
  readonly machine: CapacityMachine;
  readonly tookSec: number;
  readonly ended: EndOfSweep;
  /** An earlier sweep, to be shown with this one. */
  readonly beside: Beside | null;
  readonly steps: readonly CapacityStep[];
}

/** What keeps the figure from being larger. */
export type LimitedBy =
  'service' | 'generator' | 'unknown' | CapacitySearch['toIs'] | 'time' | 'interrupted';

export interface CapacityResult {
  /** `found`: the service's own limit. `at-least`: something else ended it. `none`: nothing held. */
  readonly kind: 'found' | 'at-least' | 'none';
  /** The largest load that held; 0 for none. */
  readonly users: number;
  readonly ceiling: Ceiling | null;
  readonly limitedBy: LimitedBy;
  /** The answer in one sentence, for people. */
  readonly words: string;
}

export interface Capacity extends Sweep {
  readonly schema: typeof CAPACITY_SCHEMA;
  readonly exitCode: 0 | 1 | 2;
  readonly result: CapacityResult;
  /** Which part was full, at the largest load of which figures are known. */
  readonly saturation: Saturation | null;
  readonly extrapolation: Extrapolation;
}
