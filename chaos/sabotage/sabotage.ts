/**
 * What a sabotage is: one thing that is broken on purpose, in the service, in
 * the settings of its cluster, in the load generator, in a fault or in the
 * evidence, and which result of the judge has to give it away. A judge that
 * does not notice is broken itself.
 *
 * A sabotage is carried out by rigs: replaced methods of the `Cluster` that
 * the runner is given. So neither the runner nor a fault knows that it is
 * being deceived, and nothing of this is in what runs in earnest.
 */
import type { Cluster } from '../../cluster/cluster.ts';
import type { RunEvent } from '../events.ts';
import type { PlannedFault } from '../plan.ts';

/** Where a rig works, for the length of one run. */
export interface Stage {
  readonly cluster: Cluster;
  /** Aborted when the run is over. */
  readonly signal: AbortSignal;
  /** Hears every event in the tick in which it is written. */
  listen(listener: (event: RunEvent) => void): void;
  /** The next event that matches; rejects when the run is over before. */
  event(matches: (event: RunEvent) => boolean): Promise<RunEvent>;
  /** Done beside the run. If it fails, or the run ends before it is done, nothing was shown. */
  beside(deed: () => Promise<void>): void;
}

/** The methods of the cluster that it replaces. */
export type Rig = (stage: Stage) => Partial<Cluster>;

/** What goes on while a sabotage has its chance: an honest service comes through it unharmed. */
export interface Circumstances {
  readonly name: string;
  /** Steady load before the first fault, or without any, seconds. */
  readonly steadySec: number;
  readonly faults: readonly PlannedFault[];
  readonly rigs: readonly Rig[];
  /** Preconditions that these circumstances break by themselves. */
  readonly tolerates: readonly string[];
}

export interface Expectation {
  readonly verdict: 'fail' | 'inconclusive';
  /** Ids of checkers (for `fail`) or preconditions (for `inconclusive`); any of them is the right reason. */
  readonly by: readonly string[];
}

export interface Sabotage {
  readonly name: string;
  /** One sentence: which promise is broken, and how. */
  readonly breaks: string;
  readonly circumstances: Circumstances;
  readonly rigs: readonly Rig[];
  readonly expects: Expectation;
  /**
   * Done to the run directory when the run is over, before it is judged. Without any rigs it is
   * done to a copy of the control's.
   */
  afterwards?(run: string): Promise<void>;
}

/** One that cannot be found yet, for want of evidence. */
export interface OpenSabotage {
  readonly name: string;
  readonly breaks: string;
  /** What is missing. */
  readonly open: string;
}
