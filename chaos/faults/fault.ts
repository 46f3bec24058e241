/**
 * What a fault is: one thing that breaks, its proof and its heal. Each fault
 * is one file that exports one `Fault`; `index.ts` lists them. The runner
 * writes the events; a fault knows neither events nor verdicts.
 */
import type { Cluster, Moment, ServerId } from '../../cluster/cluster.ts';
import type { Proof } from '../events.ts';

export interface FaultContext {
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
}

export interface ActiveFault extends AsyncDisposable {
  /** When it struck. What was under way just then is what it may have lost. */
  readonly struck: Moment;
  /**
   * Looks from outside the fault for its effects until all are seen or
   * `timeoutMs` is over. Nothing counts as injected without it.
   */
  prove(timeoutMs: number): Promise<Proof>;
  /** Undoes the fault. Healing twice is harmless. */
  heal(): Promise<void>;
}

/** The blow itself, and nothing but it, so that it falls when it is meant to. */
export type Strike = () => Promise<ActiveFault>;

export interface Fault {
  readonly kind: string;
  /** One sentence: the real failure it imitates. */
  readonly imitates: string;
  /** What it is aimed at, chosen by role at the moment of injection. */
  readonly aim: 'primary' | 'nothing';
  /** Does it take the primary away, so that another member has to be promoted? */
  readonly failover: boolean;
  /** Finds its target now; an error when there is none: no target is a failure, not a skip. */
  target(context: FaultContext): Promise<ServerId>;
  /** Looks up everything that the strike and its proof need. Breaks nothing yet. */
  prepare(context: FaultContext, target: ServerId): Promise<Strike>;
}
